import CXMLSec
import Glibc

/// Where the XML library may get a file from that another one names: this machine, whole files of bounded size.
///
/// The library would fetch `http` and `ftp` by itself.
enum LocalFiles {
  /// Once for the process, before a second thread uses the library.
  static func makeTheOnlySource() { xmlSetExternalEntityLoader { name, _, context in LocalFiles.open(name, context) } }

  private static func open(_ name: UnsafePointer<CChar>?, _ context: xmlParserCtxtPtr?) -> xmlParserInputPtr? {
    guard let name, let path = path(String(cString: name)) else { return nil }
    return xmlNewInputFromFile(context, path)
  }

  /// The file that an address names as it stands or with its escapes undone.
  private static func path(_ address: String) -> String? {
    var candidates = [address]
    if let unescaped = xmlURIUnescapeString(address, 0, nil) {
      candidates.append(String(cString: unescaped))
      freeXMLMemory(unescaped)
    }
    for candidate in candidates {
      let path = candidate.hasPrefix("file:///") ? String(candidate.dropFirst("file://".count)) : candidate
      if !path.contains("://"), isReadable(path) { return path }
    }
    return nil
  }

  private static func isReadable(_ path: String) -> Bool {
    var information = stat()
    guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return false }
    return information.st_size <= XMLSchema.byteLimit
  }
}
