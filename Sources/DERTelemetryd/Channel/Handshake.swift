import FoundationEssentials
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import SwiftASN1
import TelemetryCore
import X509

/// One connection that ends after its handshake.
struct Handshake {
  enum Outcome {
    case notConnected(String)
    case notShaken(String)
    /// What was agreed on, and who the other side is.
    case shaken(String)
  }

  let tls: TLSConfiguration
  let timeout: Milliseconds
  let group: any EventLoopGroup

  func shake(with place: ChannelTrial.Place, at address: SocketAddress) async -> Outcome {
    let channel: any Channel
    do {
      channel = try await ClientBootstrap(group: group).connectTimeout(.milliseconds(timeout.count)).connect(
        to: address
      )
      .get()
    } catch {
      return .notConnected("\(error)")
    }
    let outcome = await shake(on: channel, name: place.isAddress ? nil : place.host)
    channel.close(promise: nil)
    return outcome
  }

  private func shake(on channel: any Channel, name: String?) async -> Outcome {
    let done = channel.eventLoop.makePromise(of: String.self)
    let alarm = channel.eventLoop.scheduleTask(in: .milliseconds(timeout.count)) {
      done.fail(ChannelFault("no handshake within \(timeout.configurationText)"))
    }
    defer { alarm.cancel() }
    do {
      let context = try NIOSSLContext(configuration: tls)
      try await channel.eventLoop.submit {
        try channel.pipeline.syncOperations.addHandlers([
          try NIOSSLClientHandler(context: context, serverHostname: name), HandshakeWatch(done),
        ])
      }.get()
    } catch {
      done.fail(error)
    }
    do {
      return .shaken(try await done.futureResult.get())
    } catch {
      return .notShaken("\(error)")
    }
  }
}

/// Waits for the end of a handshake.
private final class HandshakeWatch: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let done: EventLoopPromise<String>

  init(_ done: EventLoopPromise<String>) { self.done = done }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case TLSUserEvent.handshakeCompleted = event else { return context.fireUserInboundEventTriggered(event) }
    do {
      let operations = context.pipeline.syncOperations
      let version = Self.name(of: try operations.nioSSL_tlsVersion())
      let peer = try operations.nioSSL_peerCertificate().map { try Certificate(derEncoded: try $0.toDERBytes()) }
      let subject = peer.map { CertificateSubject.userName($0.subject, .plain) } ?? "nobody"
      let end = peer.map { UTCInstant(milliseconds: Int64($0.notValidAfter.timeIntervalSince1970 * 1_000)).text } ?? "?"
      done.succeed("\(version); the server is \(subject), valid until \(end)")
    } catch {
      done.fail(error)
    }
  }

  private static func name(of version: TLSVersion?) -> String {
    switch version {
    case .tlsv13: "TLS 1.3"
    case .tlsv12: "TLS 1.2"
    default: "TLS"
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    done.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    done.fail(ChannelFault("the other side ended the connection"))
    context.fireChannelInactive()
  }
}
