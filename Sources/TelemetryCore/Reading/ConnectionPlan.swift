/// Which sites share a connection: those behind one host and port, or on one serial line.
///
/// Two connections to one device are what many devices refuse, and what makes some of them end the first.
package struct ConnectionPlan: Sendable {
  package struct Connection: Sendable {
    package let endpoint: ModbusEndpoint
    package let limits: ConnectionLimits
    package fileprivate(set) var members: [ConnectionMember]
  }

  package struct Place: Hashable, Sendable {
    package let connection: Int
    /// Among the connection's members.
    package let member: Int
  }

  package private(set) var connections: [Connection] = []
  /// By site index.
  package private(set) var places: [Place] = []

  package init(_ sites: [SiteSettings], defaultScan: Milliseconds) {
    var numbers: [ModbusEndpoint: Int] = [:]
    for (index, site) in sites.enumerated() {
      let endpoint = site.modbus.endpoint
      let number = numbers[endpoint] ?? connections.count
      if number == connections.count {
        numbers[endpoint] = number
        connections.append(Connection(endpoint: endpoint, limits: site.modbus.limits, members: []))
      }
      places.append(Place(connection: number, member: connections[number].members.count))
      connections[number].members.append(
        ConnectionMember(
          site: SiteIndex(index), unit: site.modbus.unit, scan: site.scan ?? defaultScan, source: site.source))
    }
  }
}
