/// A message as it would be sent, to be held against the receiver's schema.
package struct WireSample: Hashable, Sendable {
  package var service: ChannelService
  package var template: WireElement
  package var message: [UInt8]
}

extension WireProfile {
  /// One message of each kind that a channel of these settings sends, with its own resources and invented values.
  ///
  /// Two intervals of each series: nothing, and something with all digits.
  package func samples(_ resources: [ResourceSettings], _ length: IntervalLength) -> [WireSample] {
    guard let first = resources.min(by: { $0.id < $1.id }), let measurement = first.measurements.first else {
      return []
    }
    let created = UTCInstant(seconds: 1_767_254_400)
    let last = IntervalEnding(containing: created, length: length)
    let before = IntervalEnding(containing: last.start(length), length: length)
    let rows = resources.filter { $0.schedulingCoordinator == first.schedulingCoordinator }.flatMap { resource in
      resource.measurements.flatMap { measurement in
        [(before, Int64(0)), (last, 142_501)].map { ending, value in
          SubmissionRow(
            resource: resource.id, measurement: measurement.type, intervalEnding: ending, value: value)
        }
      }
    }
    let content = SubmissionContent(
      id: SubmissionID("sample"), created: created, schedulingCoordinator: first.schedulingCoordinator,
      intervalLength: length,
      rows: rows.sorted {
        ($0.resource, $0.measurement, $0.intervalEnding) < ($1.resource, $1.measurement, $1.intervalEnding)
      })
    let question = RetrieveQuestion(
      schedulingCoordinator: first.schedulingCoordinator, resource: first.id, measurement: measurement.type,
      intervalLength: length, first: before, last: last)
    var samples = [WireSample(service: .submit, template: messages.submit, message: payload(content))]
    if let template = messages.status, let message = statusRequest(OperatorBatchID("1"), created: created) {
      samples.append(WireSample(service: .status, template: template, message: message))
    }
    samples.append(
      WireSample(
        service: .retrieve, template: messages.retrieve, message: retrieveRequest(question, created: created)))
    return samples
  }
}
