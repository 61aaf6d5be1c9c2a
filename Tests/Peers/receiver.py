#!/usr/bin/env python3
"""A receiver of the metering channel, and of bids, that shares no code with the daemon: Python's own ssl, gzip and XML, and the
xmlsec1 command for signatures. It checks what CAISO's gateway is known to check and keeps what it takes.

usage: receiver.py FOLDER        FOLDER holds ca.crt, server.crt, server.key; what is received is kept there too
Prints "port N" when it listens, and ends with its standard input.
"""
import base64, email, email.policy, gzip, hashlib, http.server, os, re, ssl, subprocess, sys, threading
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = "{%swssecurity-secext-1.0.xsd}" % OASIS
WSU = "{%swssecurity-utility-1.0.xsd}" % OASIS
DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
HEADER = "{http://www.caiso.com/soa/2006-09-30/CAISOWSHeader.xsd}"
ATTACHMENT = "{http://www.caiso.com/soa/2006-10-26/ISOAttachment.xsd}"
INFORMATION = "{http://www.caiso.com/soa/2006-06-13/StandardAttachmentInfor.xsd}"
HASH = "{http://www.caiso.com/mrtu/soa/schemas/2005/09/attachmenthash}"
METER = "{http://www.caiso.com/soa/MeterData_v1.xsd#}"
REQUEST = "{http://www.caiso.com/soa/RequestMeterData_v1.xsd#}"
BATCH = "{http://www.caiso.com/soa/BatchValidationStatus_v1.xsd#}"
BID = "{http://www.caiso.com/soa/RawBidSet_v1.xsd#}"
BID_REQUEST = "{http://www.caiso.com/soa/RequestBidResults_v1.xsd#}"
RESULTS = "http://www.caiso.com/soa/BidResults_v1.xsd#"
SHORT = {"commonName": "CN", "organizationalUnitName": "OU", "organizationName": "O", "countryName": "C"}

folder = sys.argv[1]
lock, seen_nonces, values, batches, bids = threading.Lock(), set(), {}, set(), {}


class Refused(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Refused(text)


def only(element, path):
    found = element.findall(path)
    check(len(found) == 1, f"{len(found)} times {path}")
    return found[0]


def user_name(certificate):
    """CN first, spaces only inside the CN."""
    parts = [(SHORT[key], value) for part in certificate["subject"] for key, value in part]
    return ",".join(f"{k}={v if k == 'CN' else v.replace(' ', '')}" for k, v in reversed(parts))


def check_header(header, certificate):
    token, info = only(header, HEADER + "CAISOUsernameToken"), only(header, HEADER + "CAISOMessageInfo")
    check(only(token, HEADER + "Username").text == user_name(certificate), "CAISOUsernameToken Validation Error.")
    nonce = only(token, HEADER + "Nonce").text
    check(base64.b64decode(nonce, validate=True) and nonce not in seen_nonces, "Nonce used before")
    seen_nonces.add(nonce)
    created, stamp = only(token, HEADER + "Created").text, only(info, HEADER + "Timestamp")
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", created), "Created is not UTC with milliseconds")
    check(only(stamp, HEADER + "Created").text == created, "two times of creation")
    expires = datetime.fromisoformat(only(stamp, HEADER + "Expires").text[:-1])
    check(expires - datetime.fromisoformat(created[:-1]) == timedelta(minutes=15), "Expires is not 15 min later")


def check_signature(body, envelope, certificate_der, beside):
    header, security = only(envelope, SOAP + "Header"), only(envelope, f"{SOAP}Header/{WSSE}Security")
    token, signed = only(security, WSSE + "BinarySecurityToken"), only(security, f"{DSIG}Signature/{DSIG}SignedInfo")
    check(base64.b64decode(token.text) == certificate_der, "the token is not the certificate of the connection")
    check(only(signed, DSIG + "SignatureMethod").get("Algorithm").endswith("#rsa-sha1"), "not rsa-sha1")
    check(only(signed, DSIG + "CanonicalizationMethod").get("Algorithm").endswith("xml-exc-c14n#"), "not exclusive")
    references = {reference.get("URI") for reference in signed.findall(DSIG + "Reference")}
    parts = [only(envelope, SOAP + "Body"), only(header, HEADER + "CAISOWSHeader"), token]
    names = [SOAP + "Body", HEADER + "CAISOWSHeader", WSSE + "BinarySecurityToken"]
    if beside:
        names += [INFORMATION + "standardAttachmentInfor", HASH + "attachmentHash"]
        parts += [only(header, name) for name in names[3:]]
    check({"#" + part.get(WSU + "Id") for part in parts} <= references, "Body, CAISOWSHeader or token not signed")
    path = os.path.join(folder, "envelope.xml")
    with open(path, "wb") as file:
        file.write(body)
    command = ["xmlsec1", "--verify", "--pubkey-cert-pem", os.path.join(folder, "client.crt")]
    for name in names:
        command += ["--id-attr:Id", name[1:].replace("}", ":")]
    verified = subprocess.run(command + [path], capture_output=True)
    check(verified.returncode == 0, "Signature validation status: false")


def base64_of(document):
    return base64.b64encode(gzip.compress(document.encode())).decode()


def hash_of(text):
    return base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()


def soap(inner, header=""):
    return f'<soap:Envelope xmlns:soap="{SOAP[1:-1]}"><soap:Header>{header}</soap:Header><soap:Body>{inner}</soap:Body></soap:Envelope>'


def attached(document):
    """The document inside the body, as the services do whose name has _DocAttach."""
    name = ATTACHMENT[1:-1]
    text = f'<ISOAttachment xmlns="{name}"><AttachmentValue>{base64_of(document)}</AttachmentValue></ISOAttachment>'
    return "text/xml", soap(text)


def beside(document):
    """The document beside the envelope, as the plain services do."""
    text = base64_of(document)
    header = f'<h:attachmentHash xmlns:h="{HASH[1:-1]}"><h:hashValue>{hash_of(text)}</h:hashValue></h:attachmentHash>'
    lines = ["--=_x", "Content-ID: <root>", "Content-Type: text/xml", "", soap("", header), "--=_x",
             "Content-Transfer-Encoding: 7bit", "Content-ID: <more>", "", text, "--=_x--", ""]
    return 'multipart/related; type="text/xml"; boundary="=_x"; start="<root>"', "\r\n".join(lines)


def parts(body, content_type):
    """The envelope, and the Base64 text beside it where the message has two parts."""
    if content_type == "text/xml; charset=utf-8":
        return body, None
    message = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP)
    check(message.get_content_type() == "multipart/related" and not message.defects, "Content-Type")
    check(message.get_param("type") == "text/xml" and message.get_param("start") == "<payload>", "Content-Type")
    first, second = message.get_payload()
    check(first["Content-ID"] == "<payload>" and first.get_content_type() == "text/xml", "first part")
    check(second["Content-ID"] == "<attachment.uue>" and second["Content-Transfer-Encoding"] is None, "second part")
    return first.get_payload(decode=True), second.get_payload(decode=True).decode()


def check_attachment(header, text):
    attachment = only(header, f"{INFORMATION}standardAttachmentInfor/{INFORMATION}Attachment")
    check([(child.tag, child.text) for child in attachment] == [
        (INFORMATION + "id", "1"), (INFORMATION + "compressFlag", "YES"), (INFORMATION + "compressMethod", "gzip")], "Attachment")
    check(only(header, f"{HASH}attachmentHash/{HASH}hashValue").text == hash_of(text), "the hash is not of the text")


def submit(payload, root):
    check([child.tag for child in root] == [METER + "MessageHeader", METER + "MessagePayload"], "MeterData")
    for resource in root.findall(f".//{METER}RegisteredResource"):
        check([child.tag for child in resource] == [METER + "Measurements", METER + "RegisteredGenerator"], "resource")
        kind = only(resource, f"{METER}Measurements/{METER}measurementType").text
        name = only(resource, f"{METER}RegisteredGenerator/{METER}mRID").text
        for value in resource.findall(f".//{METER}MeasurementValue"):
            number = only(value, METER + "value").text
            check(re.fullmatch(r"-?\d+\.\d{6}", number), f"value {number}")
            values[(name, kind, only(value, METER + "intervalEndTime").text)] = number
    batch = hashlib.sha256(payload).hexdigest()
    batches.add(batch)
    with open(os.path.join(folder, f"payload-{batch}.xml"), "wb") as file:
        file.write(payload)
    return (
        '<StandardOutput xmlns="http://www.caiso.com/soa/StandardOutput_v1.xsd#"><MessagePayload><EventLog><Batch>'
        f"<mRID>{batch}</mRID></Batch><Event><description>Submitted</description></Event><Service/></EventLog>"
        "</MessagePayload></StandardOutput>"
    )


def status(root):
    batch = only(root, f"{BATCH}MessagePayload/{BATCH}BatchStatus/{BATCH}mRID").text
    check(batch in batches, "No data found")
    return (
        f'<BatchValidationStatus xmlns="{BATCH[1:-1]}"><MessagePayload><BatchStatus><mRID>{batch}</mRID>'
        "<description>SUCCESS</description></BatchStatus></MessagePayload></BatchValidationStatus>"
    )


def retrieve(root):
    ask = lambda name: only(root, f"{REQUEST}MessagePayload/{REQUEST}{name}").text
    resource, kind, first, last = map(ask, ["mRID", "measurementType", "intervalEndTimeFrom", "intervalEndTimeTo"])
    rows = [(end, v) for (r, k, end), v in sorted(values.items()) if (r, k) == (resource, kind) and first <= end <= last]
    check(rows, "No data found")
    text = "".join(
        f"<MeasurementValue><intervalEndTime>{e}</intervalEndTime><value>{v}</value></MeasurementValue>" for e, v in rows
    )
    return (
        f'<m:MeterData xmlns:m="{METER[1:-1]}" xmlns="{METER[1:-1]}"><MessagePayload><RegisteredResource><Measurements>'
        f"<measurementType>{kind}</measurementType>{text}</Measurements><RegisteredGenerator><mRID>{resource}</mRID>"
        "</RegisteredGenerator></RegisteredResource></MessagePayload></m:MeterData>"
    )


def taken(payload):
    name = hashlib.sha256(payload).hexdigest()
    with open(os.path.join(folder, f"payload-{name}.xml"), "wb") as file:
        file.write(payload)
    return (
        '<StandardOutput xmlns="http://www.caiso.com/soa/StandardOutput_v1.xsd#"><MessagePayload><EventLog><Batch>'
        f"<mRID>{name}</mRID></Batch><Event><description>Submitted</description></Event></EventLog></MessagePayload>"
        "</StandardOutput>"
    )


def submit_bid(payload, root):
    bid = only(root, f"{BID}MessagePayload/{BID}GeneratingBid")
    check(only(bid, BID + "marketType").text == "DAM", "marketType")
    check(only(bid, f"{BID}SchedulingCoordinator/{BID}mrid").text, "SchedulingCoordinator")
    first, last = only(bid, BID + "startTime").text, only(bid, BID + "stopTime").text
    hours, end = [], first
    for hour in only(bid, BID + "ProductBid").findall(BID + "BidSelfSched"):
        check([child.tag[len(BID):] for child in hour] == [
            "timeIntervalStart", "timeIntervalEnd", "selfSchedMw", "selfSchedType"], "BidSelfSched")
        start, stop, megawatts, kind = (child.text for child in hour)
        length = datetime.fromisoformat(stop[:-1]) - datetime.fromisoformat(start[:-1])
        check(start == end and length == timedelta(hours=1) and stop[-1] == "Z", f"hour at {start}")
        check(re.fullmatch(r"-?\d+\.\d{3}", megawatts) and kind == "PT", f"{megawatts} {kind}")
        hours, end = hours + [(stop, megawatts)], stop
    check(end == last and 23 <= len(hours) <= 25, "the hours are not those of a day")
    resource = only(bid, f"{BID}RegisteredGenerator/{BID}mrid").text
    bids[resource, first, last] = only(bid, BID + "name").text, hours
    return taken(payload)


def bid_results(root):
    ask = lambda name: only(root, f"{BID_REQUEST}MessagePayload/{BID_REQUEST}{name}").text
    resource, first, last = map(ask, ["mrid", "MarketStartTime", "MarketEndTime"])
    check(ask("SCID") and (resource, first, last) in bids, "No data found")
    name, hours = bids[resource, first, last]
    text = "".join(
        f"<b:BidSelfSched><b:selfSchedMw>{mw}</b:selfSchedMw><b:timeIntervalEnd>{e}</b:timeIntervalEnd></b:BidSelfSched>"
        for e, mw in hours)
    return (
        f'<b:BidResults xmlns:b="{RESULTS}"><b:MessagePayload><b:GeneratingBid><b:RegisteredGenerator><b:mrid>{resource}'
        f"</b:mrid></b:RegisteredGenerator><b:ProductBid><b:MarketProduct><b:marketProductType>EN</b:marketProductType>"
        f"</b:MarketProduct>{text}</b:ProductBid><b:name>{name}</b:name><b:status>V</b:status></b:GeneratingBid>"
        "</b:MessagePayload></b:BidResults>"
    )


def answer(body, content_type, certificate, der):
    """The type and the text of the answer."""
    body, text = parts(body, content_type)
    envelope = ET.fromstring(body)
    check(envelope.tag == SOAP + "Envelope", "no envelope")
    check_header(only(envelope, f"{SOAP}Header/{HEADER}CAISOWSHeader"), certificate)
    check_signature(body, envelope, der, text is not None)
    inside = list(only(envelope, SOAP + "Body"))
    if text is not None:
        check(not inside, "the body is not empty")
        check_attachment(only(envelope, SOAP + "Header"), text)
    is_plain = text is not None or inside[0].tag != ATTACHMENT + "ISOAttachment"
    if not is_plain:
        text = only(envelope, f"{SOAP}Body/{ATTACHMENT}ISOAttachment/{ATTACHMENT}AttachmentValue").text
    if text is None:
        check(len(inside) == 1 and inside[0].tag != METER + "MeterData", "a submission without attachment")
        check(envelope.find(f"{SOAP}Header/{HASH}attachmentHash") is None, "a hash of nothing")
        payload, root = None, inside[0]
    else:
        compressed = base64.b64decode(text, validate=True)  # validate refuses a broken line
        check(compressed[4:8] == bytes(4), "the gzip header carries a time")
        payload = gzip.decompress(compressed)
        root = ET.fromstring(payload)
    if root.tag == METER + "MeterData":
        return "text/xml", soap(submit(payload, root))
    if root.tag == BID + "RawBidSet":
        return "text/xml", soap(submit_bid(payload, root))
    services = {
        BATCH + "BatchValidationStatus": status, REQUEST + "RequestMeterData": retrieve,
        BID_REQUEST + "RequestBidResults": bid_results}
    check(root.tag in services, f"unknown payload {root.tag}")
    document = services[root.tag](root)
    return beside(document) if is_plain else attached(document)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            check(re.fullmatch('".*"', self.headers["SOAPAction"]), "SOAPAction is not quoted")
            with lock:
                kind = self.headers["Content-Type"]
                code, (kind, text) = 200, answer(body, kind, self.connection.getpeercert(), self.connection.getpeercert(True))
        except (Refused, ValueError, ET.ParseError) as problem:
            code, kind = 500, "text/xml"
            text = soap(
                "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>refused</faultstring><detail>"
                '<outputDataType xmlns="http://www.caiso.com/soa/2006-06-13/StandardOutput.xsd"><EventLog><Event>'
                f"<description>{problem}</description></Event></EventLog></outputDataType></detail></soap:Fault>"
            )
        text = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(folder, "server.crt"), os.path.join(folder, "server.key"))
context.load_verify_locations(os.path.join(folder, "ca.crt"))
context.verify_mode = ssl.CERT_REQUIRED
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("port", server.server_address[1], flush=True)
sys.stdin.read()
