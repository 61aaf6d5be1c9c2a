/// Where the sites of an edited list stood in the list before.
///
/// A site is the same by its name. It is read on as it was, over its connection and in its slot, where everything that
/// says how it is read is the same.
package struct SiteArrangement: Sendable {
  package let sites: [SiteSettings]
  package let defaultScan: Milliseconds
  /// By place in the new list: where the site of this name stood; nil for one that is new.
  package let before: [SiteIndex?]
  /// By place in the new list: where the site stood that is read on as it was; nil where reading begins anew.
  package let readOn: [SiteIndex?]

  package init(from old: Settings, to new: Settings) {
    let places = Dictionary(
      zip(old.sites.map(\.id), old.sites.indices), uniquingKeysWith: { first, _ in first })
    sites = new.sites
    defaultScan = new.scan
    before = new.sites.map { places[$0.id].map(SiteIndex.init) }
    readOn = zip(new.sites, before).map { site, before in
      guard let before else { return nil }
      let known = old.sites[before.position]
      let isReadAlike =
        known.modbus == site.modbus && known.source == site.source
        && (known.scan ?? old.scan) == (site.scan ?? new.scan)
      return isReadAlike ? before : nil
    }
  }
}
