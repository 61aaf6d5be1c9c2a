import Crypto
import SignedXML
import TelemetryCore

/// A call taken apart: its envelope, and what travels beside it in a MIME message.
struct MessageParts: Sendable {
  let envelope: [UInt8]
  let attachment: [UInt8]?

  init(_ call: OperatorCall) throws(Refusal) {
    guard call.body.count <= Envelope.byteLimit else {
      throw Refusal("The message cannot be read: longer than \(Envelope.byteLimit) bytes")
    }
    do throws(MultipartProblem) {
      guard let type = try MultipartType(call.contentType) else {
        (envelope, attachment) = (call.body, nil)
        return
      }
      let (root, second) = try MultipartMessage(parsing: call.body, type: type).related(type)
      (envelope, attachment) = (root.body, second?.body)
    } catch {
      throw Refusal("The message cannot be read: \(error)")
    }
  }
}

extension PayloadForm {
  /// The headers that must be signed beside the one that names the user.
  func headersToSign(withAttachment: Bool) -> [String] {
    guard withAttachment, profile.envelope.flavour == .multipart else { return [] }
    return profile.envelope.headers.filter(\.isSigned).map(\.name)
  }

  /// Throws unless a message travels the way the profile has it.
  func checkFlavour(
    of service: OperatorServiceName, _ message: MessageParts, _ payload: Payload, _ envelope: borrowing Envelope
  ) throws(Refusal) {
    guard profile.envelope.flavour == .multipart else {
      guard message.attachment == nil else { throw Refusal("This service takes no MIME message.") }
      return
    }
    let isAttached = service == .submit || profile.envelope.questions == .attached
    guard let attachment = message.attachment else {
      guard !isAttached, payload.digest == nil else {
        throw Refusal("The payload must be the second part of a MIME message.")
      }
      return
    }
    guard isAttached else { throw Refusal("A question must stand in the body itself.") }
    try checkHeaders(of: attachment, envelope)
  }

  /// Each header of an attachment as the profile has it, with the right hash.
  private func checkHeaders(of attachment: [UInt8], _ envelope: borrowing Envelope) throws(Refusal) {
    let hash = Base64.encode(Array(Insecure.SHA1.hash(data: attachment)))
    let found = try Self.headers(envelope)
    var isHashed = false
    for template in profile.envelope.headers where template.isAboutAttachment {
      guard let header = found.first(where: { $0.name == template.name }) else {
        throw Refusal("The header \(template.name) is missing.")
      }
      guard let said = try TemplateMatch(header, as: template).fields[.attachmentHash] else { continue }
      guard Array(said.utf8) == hash else { throw Refusal("The attachment does not match its hash.") }
      isHashed = true
    }
    guard isHashed else { throw Refusal("The attachment comes without its hash.") }
  }

  /// The headers of the envelope, without the IDs by which a signature names them.
  private static func headers(_ envelope: borrowing Envelope) throws(Refusal) -> [XMLElement] {
    do {
      let root = try envelope.document.root(limit: Payload.elementLimit)
      let header = root.children.first { $0.name == "Header" && $0.namespace == CAISONames.soap }
      return (header?.children ?? []).map { element in
        var element = element
        element.attributes.removeAll { $0.name == "Id" && $0.namespace == WSSecurity.utility }
        return element
      }
    } catch {
      throw Refusal("The message cannot be read: \(error)")
    }
  }
}

extension OperatorWords {
  /// A payload as the second part of a MIME message, with its hash in a header.
  static func multipart(_ payload: [UInt8]) -> [UInt8] {
    let text = Base64.encode(Gzip.compress(payload))
    let hash = String(decoding: Base64.encode(Array(Insecure.SHA1.hash(data: text))), as: UTF8.self)
    let envelope = """
      <?xml version="1.0" encoding="UTF-8"?>
      <soap:Envelope xmlns:soap="\(CAISONames.soap)"><soap:Header><attachmentHash xmlns="\(CAISONames.attachmentHash)">\
      <hashValue>\(hash)</hashValue></attachmentHash></soap:Header><soap:Body/></soap:Envelope>
      """
    return MultipartMessage(envelope: Array(envelope.utf8), attachment: text).bytes()
  }
}
