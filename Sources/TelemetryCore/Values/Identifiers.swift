/// A name that the market, the operator or the user gave to something.
///
/// Each kind is a type of its own, so that no call can mix two of them up.
package protocol Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
  var name: String { get }
  init(_ name: String)
}

extension Identifier {
  package var description: String { name }
  package static func < (left: Self, right: Self) -> Bool { left.name < right.name }
}

/// The ID under which a resource takes part in the market, such as `EXAMPL_7_DERA1`.
package struct ResourceID: Identifier {
  package let name: String
  package init(_ name: String) { self.name = name }
}

/// The user's name for one metered site of a resource.
package struct SiteID: Identifier {
  package let name: String
  package init(_ name: String) { self.name = name }
}

/// The market's code for what a series of values measures, such as `GEN` or `LOAD`.
package struct MeasurementType: Identifier {
  package let name: String
  package init(_ name: String) { self.name = name }
}

/// The ID of the scheduling coordinator that answers for a resource.
package struct SchedulingCoordinatorID: Identifier {
  package let name: String
  package init(_ name: String) { self.name = name }
}

/// The user's name for one way to the operator.
package struct ChannelName: Identifier {
  package let name: String
  package init(_ name: String) { self.name = name }
}

/// Our name for one submission, unique in a state directory.
package struct SubmissionID: Identifier {
  package let name: String
  package init(_ name: String) { self.name = name }
}

/// Our number for one call, so that no answer is taken for that to another one.
package struct CallNumber: Hashable, Sendable {
  package let number: UInt64
  package init(_ number: UInt64) { self.number = number }
}

/// The shell's number for something that a person asked, so that the answer finds its way back.
package struct RequestNumber: Hashable, Sendable {
  package let number: UInt64
  package init(_ number: UInt64) { self.number = number }
}

/// The operator's name for a submission it took: the receipt.
package struct OperatorBatchID: Identifier {
  package let name: String
  package init(_ name: String) { self.name = name }
}
