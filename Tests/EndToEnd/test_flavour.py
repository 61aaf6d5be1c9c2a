"""Another receiver, reached by editing the wire profile alone: the plain services, which take MIME messages."""

import gzip

from house import key
from programs import until


def plain(profile):
    """The shipped profile, changed as its comments say."""
    lines = profile.splitlines(keepends=True)
    headers = [line.removeprefix("  #|") for line in lines if line.startswith("  #|")]
    first = next(i for i, line in enumerate(lines) if line.startswith("    - element: standardAttachmentInfor"))
    last = next(i for i, line in enumerate(lines) if line.startswith("# Where in the answers"))
    changed = "".join(lines[:first] + headers + ["\n"] + lines[last:])
    return changed.replace("flavour: doc_attach", "flavour: multipart", 1).replace(
        "  questions: attached", "  questions: in_body", 1)


def test_the_plain_services_are_reached_by_editing_the_profile_alone(make_house):
    house = make_house(interval="10s")
    profile = house.folder / "profiles/mri-s.yaml"
    profile.write_text(plain(profile.read_text()))
    _, sites = house.start_fleet(2)
    for site in sites:
        house.add_site(site["site"], "EXAMPL_7_DERA1", site["port"])
    house.start_operator()
    house.start_daemon()
    accepted = until(
        lambda: (rows := [row for row in house.intervals().values() if row["state"] == "accepted"]) and len(rows) >= 2
        and rows, 60, house.describe)
    held, total = house.held()
    assert total["duplicates"] == 0
    for row in accepted:
        assert held[key(row)]["value"] == row["value"]
    envelopes = list(house.state.glob("evidence/*/*/envelope-1.xml*"))
    assert envelopes
    for path in envelopes:
        message = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        assert message.startswith(b"--DERTelemetryd-part\r\nContent-Type: text/xml")
        assert message.count(b"Content-ID: <") == 2 and message.endswith(b"--DERTelemetryd-part--\r\n")
