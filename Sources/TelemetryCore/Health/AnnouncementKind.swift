extension Announcement {
  /// What a message in the journal is about.
  ///
  /// The raw value is its name in `docs/journal.md`, which explains each one and says what to do, as
  /// `deploy/systemd/dertelemetryd.catalog` does for `journalctl -x`. Names and ids never change.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case ready = "ready"
    case stopping = "stopping"
    case hangUp = "hang-up"
    case stalled = "stalled"
    case controlUnreachable = "control-unreachable"
    case metricsUnavailable = "metrics-unavailable"
    case messagesWithheld = "messages-withheld"
    case configurationNotValid = "configuration-not-valid"
    case configurationReloaded = "configuration-reloaded"
    case reloadRefused = "reload-refused"
    case configurationNotKept = "configuration-not-kept"
    case owedFrom = "owed-from"
    case owedUntil = "owed-until"
    case siteTakenOut = "site-taken-out"
    case ledgerDamaged = "ledger-damaged"
    case ledgerCutOff = "ledger-cut-off"
    case readingsCutOff = "readings-cut-off"
    case readingsDamaged = "readings-damaged"
    case readingsGone = "readings-gone"
    case accountsContradict = "accounts-contradict"
    case logFailed = "log-failed"
    case segmentNotCompressed = "segment-not-compressed"
    case diskFull = "disk-full"
    case diskHasRoom = "disk-has-room"
    case checkpointTooLong = "checkpoint-too-long"
    case noRoomForReserve = "no-room-for-reserve"
    case readingsShed = "readings-shed"
    case readingsOverCap = "readings-over-cap"
    case copyFound = "copy-found"
    case clockUnsynchronised = "clock-unsynchronised"
    case clockSynchronised = "clock-synchronised"
    case clockStepped = "clock-stepped"
    case siteIdentified = "site-identified"
    case meterReplaced = "meter-replaced"
    case siteQuiet = "site-quiet"
    case siteBack = "site-back"
    case connectionContested = "connection-contested"
    case connectionFree = "connection-free"
    case siteContributes = "site-contributes"
    case registerRefused = "register-refused"
    case registerRolledOver = "register-rolled-over"
    case registerReset = "register-reset"
    case registerReturned = "register-returned"
    case registerPlausible = "register-plausible"
    case intervalSealed = "interval-sealed"
    case intervalAccepted = "interval-accepted"
    case intervalRejected = "interval-rejected"
    case intervalMissing = "interval-missing"
    case intervalEstimated = "interval-estimated"
    case intervalRevised = "interval-revised"
    case submissionRejected = "submission-rejected"
    case validationFailed = "validation-failed"
    case outcomeUnknown = "outcome-unknown"
    case outcomeResolved = "outcome-resolved"
    case evidenceNotKept = "evidence-not-kept"
    case submissionWithoutChannel = "submission-without-channel"
    case submissionGivenUp = "submission-given-up"
    case channelUnusable = "channel-unusable"
    case channelAway = "channel-away"
    case channelBack = "channel-back"
    case channelToldToWait = "channel-told-to-wait"
    case channelHeld = "channel-held"
    case certificateEnds = "certificate-ends"
    case dispatchReceived = "dispatch-received"
    case awardsReceived = "awards-received"
    case marketNews = "market-news"
    case marketAway = "market-away"
    case marketBack = "market-back"
    case marketNotFollowed = "market-not-followed"
    case deviationBegan = "deviation"
    case deviationEnded = "deviation-ended"
    case deadlineNear = "deadline-near"
    case deadlinePassed = "deadline-passed"
    case personDecided = "person-decided"
  }
}

extension Announcement.Kind {
  /// `MESSAGE_ID=`: 128 bits in hexadecimal digits (systemd.journal-fields(7)).
  package var id: String {
    switch self {
    case .ready: "e768b449b0845a20923a9400509d609f"
    case .stopping: "98f31554b9645845bad0dfcc0d470543"
    case .hangUp: "bd8085c0fcb45e3fb0f3f56b4584c4a3"
    case .stalled: "553d9b2cc11d50b98ee18b2cb3ced25c"
    case .controlUnreachable: "f0c2a5ab116f5ba6b2e63115eaff0a44"
    case .metricsUnavailable: "dc61cae8549b526f9a4e85d838c0bba9"
    case .messagesWithheld: "4d4c4cd32bd45c9699e6a31e5b0feb61"
    case .configurationNotValid: "baa23e4b2b51591784c21de1d4cbf084"
    case .configurationReloaded: "c67c7be4f21740aaa617e7d8bb656b81"
    case .reloadRefused: "7c16e65f2f084a70bf9b7653250ebdc0"
    case .configurationNotKept: "b3ab681276ec57beb599342e9f08aebc"
    case .owedFrom: "8b041b1ce43053e69e309548b2ba3aa8"
    case .owedUntil: "9335ddca88bb5e6f8b21f46d85a3d030"
    case .siteTakenOut: "0a3326cae8855a96be0f1b652cfeafd1"
    case .ledgerDamaged: "b20441165955514da47180de57c22638"
    case .ledgerCutOff: "2aecfe5319584564aa0f4256a47063b2"
    case .readingsCutOff: "d550c6be1910444f889f77b3224781d1"
    case .readingsDamaged: "f44a3983b0e8505d9df894f807d38cdc"
    case .readingsGone: "e60952d6d5985ba0b35ca6f4223d438d"
    case .accountsContradict: "5fc548882593553f86636d167290b944"
    case .logFailed: "6f51090f2e18508ba2d5013a6e65c787"
    case .segmentNotCompressed: "0153ac17e0d342b080dc645dddeef5ef"
    case .diskFull: "be50c53ac9bd5c2e8b58bd27d132933a"
    case .diskHasRoom: "c43ddbdf08cc5a26b48be0070179b72b"
    case .checkpointTooLong: "2fba64d057f9495baae19d5ae111e8ff"
    case .noRoomForReserve: "5dd2b8fa883952689a686cfd05411bb9"
    case .readingsShed: "b8da0a051cfd51e1a9664334f396a9e8"
    case .readingsOverCap: "e9dc9bff7ca05e7bbbdc868a497d087e"
    case .copyFound: "3e52f31827135f34a60b9c61119a3882"
    case .clockUnsynchronised: "250ef52813dd5b64812c660c9cfdda6c"
    case .clockSynchronised: "705e476d2c335028925b5a838b9122a7"
    case .clockStepped: "92e26bef19825293bc044fe1b516d24f"
    case .siteIdentified: "02375591573f5ecd9c72113bf5120e61"
    case .meterReplaced: "2e8e02db2850571aa547cd57aed21d82"
    case .siteQuiet: "5a5640c9c8845e3bb180a1c836bca4ce"
    case .siteBack: "666d93aa8fd2592c8b60424bf2033a1a"
    case .connectionContested: "886770ac0d874372b1b91174bf4c578f"
    case .connectionFree: "5127896807cb41d18e6993561ad4ed34"
    case .siteContributes: "51a53bff83445bda967884ece1b5fdc5"
    case .registerRefused: "181ad09d045e5189a69071c414b26c64"
    case .registerRolledOver: "ff5d0c84a2a5404083c072f4ada33728"
    case .registerReset: "c8a50c2f998d4823bc4dc4882a581128"
    case .registerReturned: "143d80a5d2fe4f48afdfda61cfcee663"
    case .registerPlausible: "63221b2f767d5d719087184d9edf39b2"
    case .intervalSealed: "84358ba7a07b55bfbb00faed68555733"
    case .intervalAccepted: "851f7de9261450cdb02799440c169134"
    case .intervalRejected: "5e1868ac791a56cc9d4f4f7a2c35413e"
    case .intervalMissing: "1e18d7a9049c53c58fe6a110ae62c563"
    case .intervalEstimated: "363d4d2a59ed52ccb2359639bbd8e62f"
    case .intervalRevised: "0a9214e2bae25801aad788137ffd0f4b"
    case .submissionRejected: "459c78f6fcb350b78a38eaab34cfb719"
    case .validationFailed: "ec7ef2d7985b567ea28b65c5b7792664"
    case .outcomeUnknown: "0f8d84ea10085674b568d1f37ba9203b"
    case .outcomeResolved: "a4ac3b968e7e586992abe7b43f31979d"
    case .evidenceNotKept: "01f8695d3b4f528dbfd30bafe4b0e4a7"
    case .submissionWithoutChannel: "62df4277ba935b45be3a3df55e2f0279"
    case .submissionGivenUp: "2ff9ab897b8f47228941e8cdee45d0fc"
    case .channelUnusable: "fc75a868bab45f8897e3fae244d1b5b5"
    case .channelAway: "36a09638b8745912b414093b743df360"
    case .channelBack: "df2f7bd192855f638d13bbe2d1014e4d"
    case .channelToldToWait: "d2dfcbb2182c518bb129fe6dce7f736d"
    case .channelHeld: "3a07e99785d85244a4b9c55a07edc15f"
    case .certificateEnds: "a055ae4fd7355a19b5cb94b0da4de14d"
    case .dispatchReceived: "ec8067e189a94f1caf6cfd391f032924"
    case .awardsReceived: "364d166f2fa14cdba5910a865b31efa2"
    case .marketNews: "d8dc98a2ba8549a3808fb188b1a379fc"
    case .marketAway: "650a84308f844e4c9761242ff52a5cb1"
    case .marketBack: "ce9419aa303947b4bb7190ff14f42d38"
    case .marketNotFollowed: "e7c7cf40b552402c973dc5487a13eeea"
    case .deviationBegan: "51dc9d17e1cf41baa798fe3786e22baf"
    case .deviationEnded: "4a45041eb86c4bca843dc9f3b7902a08"
    case .deadlineNear: "220cafafef2943bd9703367e74333e17"
    case .deadlinePassed: "cfdcd72d5a854303a3b51bbdc0d9be50"
    case .personDecided: "b90a99785b0d58d1ab9208e11ed41a9f"
    }
  }

  /// The priorities that such a message may have, from the least urgent on.
  package var priorities: [Announcement.Priority] {
    switch self {
    case .registerReturned: [.notice]
    case .registerReset: [.warning]
    case .registerRolledOver: [.notice]
    case .deviationEnded: [.notice]
    case .deviationBegan: [.warning]
    case .marketNotFollowed: [.error]
    case .marketBack: [.notice]
    case .marketAway: [.warning]
    case .marketNews: [.info]
    case .awardsReceived: [.info]
    case .dispatchReceived: [.info]
    case .deadlinePassed: [.critical]
    case .deadlineNear: [.notice, .warning, .error, .critical]
    case .checkpointTooLong: [.warning]
    case .submissionGivenUp: [.warning]
    case .reloadRefused: [.error]
    case .configurationReloaded: [.notice]
    case .ready, .stopping, .hangUp, .owedFrom, .owedUntil, .diskHasRoom, .clockSynchronised, .siteIdentified,
      .readingsCutOff, .connectionFree, .siteBack, .siteContributes, .registerPlausible, .intervalEstimated,
      .intervalRevised, .outcomeResolved,
      .channelBack, .channelHeld, .personDecided:
      [.notice]
    case .stalled, .configurationNotValid, .ledgerDamaged, .accountsContradict, .logFailed, .diskFull: [.critical]
    case .controlUnreachable, .metricsUnavailable, .configurationNotKept, .ledgerCutOff, .readingsDamaged,
      .readingsGone, .segmentNotCompressed, .noRoomForReserve, .clockUnsynchronised, .clockStepped, .meterReplaced,
      .siteQuiet, .registerRefused, .intervalMissing, .outcomeUnknown, .channelToldToWait:
      [.warning]
    case .messagesWithheld: [.info, .notice, .warning, .error, .critical]
    case .siteTakenOut: [.notice, .warning]
    case .readingsShed: [.notice, .warning, .critical]
    case .connectionContested, .readingsOverCap, .copyFound, .intervalRejected, .submissionRejected, .validationFailed,
      .evidenceNotKept,
      .submissionWithoutChannel, .channelUnusable:
      [.error]
    case .intervalSealed, .intervalAccepted: [.info]
    case .channelAway: [.notice, .warning, .error]
    case .certificateEnds: [.notice, .warning, .error, .critical]
    }
  }

  /// The native fields that such a message may have.
  package var fields: [Announcement.Field] {
    switch self {
    case .registerReturned: [.site]
    case .registerReset: [.site]
    case .registerRolledOver: [.site]
    case .deviationEnded: [.resource, .intervalEnding]
    case .deviationBegan: [.resource, .intervalEnding]
    case .marketNotFollowed: [.channel]
    case .marketBack: [.channel]
    case .marketAway: [.channel]
    case .marketNews: []
    case .awardsReceived: [.resource]
    case .dispatchReceived: [.resource, .intervalEnding]
    case .deadlinePassed: [.resource, .intervalEnding]
    case .deadlineNear: [.resource, .intervalEnding]
    case .checkpointTooLong: []
    case .submissionGivenUp: [.submission, .channel]
    case .reloadRefused: []
    case .configurationReloaded: []
    case .ready, .stopping, .hangUp, .stalled, .controlUnreachable, .metricsUnavailable, .messagesWithheld,
      .configurationNotValid, .configurationNotKept, .ledgerDamaged, .ledgerCutOff, .readingsDamaged, .readingsCutOff,
      .readingsGone, .accountsContradict, .logFailed, .segmentNotCompressed, .diskFull, .diskHasRoom,
      .noRoomForReserve, .readingsShed, .readingsOverCap, .copyFound, .clockUnsynchronised, .clockSynchronised,
      .clockStepped:
      []
    case .owedFrom, .owedUntil, .intervalMissing, .intervalEstimated, .intervalRevised: [.resource, .intervalEnding]
    case .siteTakenOut: [.site, .resource]
    case .siteIdentified, .connectionContested, .connectionFree, .meterReplaced, .siteQuiet, .siteBack,
      .siteContributes, .registerRefused, .registerPlausible:
      [.site]
    case .intervalSealed, .intervalAccepted, .intervalRejected: [.resource, .intervalEnding, .submission]
    case .submissionRejected, .validationFailed, .outcomeUnknown, .outcomeResolved, .submissionWithoutChannel:
      [.submission, .channel]
    case .evidenceNotKept: [.submission]
    case .channelUnusable: [.channel, .submission]
    case .channelAway, .channelBack, .channelToldToWait, .channelHeld, .certificateEnds: [.channel]
    case .personDecided: [.channel, .resource, .intervalEnding]
    }
  }
}
