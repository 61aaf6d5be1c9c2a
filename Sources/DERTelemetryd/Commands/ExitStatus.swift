import ArgumentParser

/// What the process says when it ends, after `sysexits.h`.
enum ExitStatus: Int32 {
  case success = 0
  /// `EX_USAGE`: the command line makes no sense.
  case usage = 64
  /// `EX_DATAERR`: what was to be read is damaged.
  case data = 65
  /// `EX_UNAVAILABLE`: what is needed is not running or cannot be reached.
  case unavailable = 69
  /// `EX_IOERR`: the disk did not do what it was told.
  case inputOutput = 74
  /// `EX_TEMPFAIL`: try again later.
  case temporary = 75
  /// `EX_CONFIG`: a person must mend the configuration.
  case configuration = 78

  var exitCode: ExitCode { ExitCode(rawValue) }
}
