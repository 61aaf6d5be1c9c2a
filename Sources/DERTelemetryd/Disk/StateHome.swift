import Crypto
import Foundation

/// What tells a state directory from a copy of it: the machine, and the number of the ledger's folder on its disk.
///
/// A folder that is moved within its file system keeps its number; one that is copied gets another. But a file system may
/// give a restored folder the number of one that was deleted, so what is restored carries a mark of its own too.
enum StateHome {
  static let markName = "restored"

  /// One that no other directory has had.
  static func newMark() -> [UInt8] {
    var random = SystemRandomNumberGenerator()
    return Array((0..<2).map { _ in String(UInt64.random(in: .min ... .max, using: &random), radix: 16) }.joined().utf8)
  }

  /// Empty where the machine or the folder does not tell.
  static func text(of stateDirectory: String) -> String {
    do {
      let machine = try String(contentsOfFile: "/etc/machine-id", encoding: .utf8)
      let folder = try FileManager.default.attributesOfItem(atPath: "\(stateDirectory)/ledger")
      guard let number = folder[.systemFileNumber] as? Int else { return "" }
      // The machine ID is confidential (machine-id(5)).
      let mark = FileManager.default.contents(atPath: "\(stateDirectory)/\(markName)")?.prefix(64) ?? Data()
      let digest = SHA256.hash(data: Data("dertelemetryd \(machine) \(number)".utf8) + mark)
      return digest.prefix(12).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    } catch {
      return ""
    }
  }
}
