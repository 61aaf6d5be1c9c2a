// The bytes of a configuration that the ledger keeps.

extension ByteWriter {
  mutating func write(_ accepted: AcceptedConfiguration) {
    write(accepted.since)
    write(accepted.digest)
    writeVarint(UInt64(accepted.byteCount))
    writeBool(accepted.files != nil)
    if let files = accepted.files { write(files) }
  }

  mutating func write(_ files: ConfigurationFiles) {
    writeText(files.path)
    writeList(files.files) { writer, file in
      writer.writeUInt8(file.role.rawValue)
      writer.writeText(file.name)
      writer.writeBytes(file.bytes, limit: .max)
    }
  }
}

extension ByteReader {
  mutating func readConfiguration() throws(DecodingProblem) -> AcceptedConfiguration {
    AcceptedConfiguration(
      since: try readInstant(), digest: try readDigest(), byteCount: try readIndex(),
      files: try readBool() ? try readFiles() : nil)
  }

  private mutating func readFiles() throws(DecodingProblem) -> ConfigurationFiles {
    ConfigurationFiles(
      path: try readString(),
      files: try readList { reader throws(DecodingProblem) in
        ConfigurationFiles.File(
          role: try reader.readCase(), name: try reader.readString(),
          bytes: Array(try reader.readBytes(limit: AcceptedConfiguration.byteLimit)))
      })
  }
}
