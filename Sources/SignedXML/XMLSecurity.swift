import CXMLSec
import Synchronization

/// The process-wide state of libxml2 and libxmlsec1.
///
/// Both libraries must be initialised once, before a second thread uses them. What they would print to standard error is
/// collected instead, so that it can stand in the error that is thrown.
package enum XMLSecurity {
  private static let library = Mutex(())
  private static let complaints = Mutex<[String]>([])
  private static let complaintLimit = 8

  private static let ready: Bool = {
    xmlInitParser()
    xmlSetStructuredErrorFunc(nil) { _, _ in }
    xmlThrDefSetStructuredErrorFunc(nil) { _, _ in }
    guard xmlSecInit() == 0, xmlSecOpenSSLAppInit(nil) == 0, xmlSecOpenSSLInit() == 0 else { return false }
    LocalFiles.makeTheOnlySource()
    xmlSecErrorsSetCallback { _, _, function, object, subject, _, message in
      let parts = [function, object, subject, message].compactMap { $0.map { String(cString: $0) } }
      XMLSecurity.note(parts.filter { !$0.isEmpty }.joined(separator: ": "))
    }
    return true
  }()

  /// Makes both libraries ready.
  ///
  /// Call it before any thread uses this module; further calls cost nothing.
  ///
  /// - Precondition: the libraries that were linked are those this was built against.
  package static func initialize() {
    precondition(ready, "libxmlsec1 starts up")
  }

  /// Runs work on libxmlsec1, one caller at a time, with an empty list of complaints.
  ///
  /// Its error callback knows no caller, so two at once would read each other's complaints.
  static func exclusively<Result>(_ work: () throws(XMLProblem) -> Result) throws(XMLProblem) -> Result {
    initialize()
    let outcome: Swift.Result<Result, XMLProblem> = library.withLock { _ in
      complaints.withLock { $0.removeAll() }
      do throws(XMLProblem) {
        return .success(try work())
      } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  /// What libxmlsec1 said since the work began, in one line.
  static var whatWentWrong: String {
    complaints.withLock { $0.isEmpty ? "no reason given" : $0.joined(separator: "; ") }
  }

  private static func note(_ complaint: String) {
    complaints.withLock { if $0.count < complaintLimit { $0.append(complaint) } }
  }
}
