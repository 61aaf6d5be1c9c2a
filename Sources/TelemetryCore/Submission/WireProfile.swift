/// How one kind of operator wants to be spoken to.
///
/// Everything about the wire that CAISO's schemas fix, and that cannot be confirmed without them, is data from a
/// versioned YAML file, so that another receiver is reached by editing a file.
package struct WireProfile: Sendable {
  /// The file's name without its ending.
  package var name: String
  package var unit: WireUnit

  package init(name: String, unit: WireUnit) {
    self.name = name
    self.unit = unit
  }
}
