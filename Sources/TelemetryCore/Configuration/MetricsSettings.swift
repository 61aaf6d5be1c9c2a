/// Where the figures of `status` go for collectors.
package struct MetricsSettings: Hashable, Sendable {
  /// An absolute path; written anew every 15 s, whole or not at all.
  package var file: String?
  /// On 127.0.0.1.
  package var port: Int?

  package init(file: String? = nil, port: Int? = nil) {
    self.file = file
    self.port = port
  }

  /// Reads `metrics:` of `dertelemetryd.yaml`.
  static func read(_ reader: inout ConfigurationReader) -> Self? {
    MetricsSettings(
      file: reader.optional("file", .absolutePath), port: reader.optional("port", .integer(1...65_535, such: 9_464)))
  }
}
