import ArgumentParser

@main
struct DERTelemetryd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dertelemetryd",
    abstract: "Meters distributed energy resources and accounts for every interval.",
    version: "dertelemetryd \(Version.number)",
    subcommands: [
      Run.self, Check.self, Reload.self, Status.self, AuditCommand.self, Intervals.self, Explain.self, Submissions.self,
      Hold.self,
      Release.self,
      Waive.self, Resubmit.self, Resolve.self, Adopt.self, Export.self, ConfigurationCommand.self, LogCommand.self,
      CertificateCommand.self, ChannelCommand.self, Backup.self, Restore.self,
      Probe.self, Register.self, OASIS.self, Schedule.self, Dispatch.self, Awards.self, Identities.self,
      Version.self,
    ])
}
