#!/usr/bin/env python3
"""A receiver that is like CAISO's in nothing but the transport, as Tests/Fixtures/profiles/other.yaml describes it. It shares no
code with the daemon: Python's own ssl, gzip and XML, and the xmlsec1 command for signatures.

usage: other_receiver.py CERTIFICATES FOLDER       what is held is written to FOLDER/held.json
Prints "port N" when it listens, and ends with its standard input. The answer to the second submission is lost.
"""
import base64, gzip, hashlib, http.server, json, os, re, ssl, subprocess, sys, threading
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
CALLER, PARCEL, TICKETS, Q = "{urn:example:caller}", "{urn:example:parcel}", "{urn:example:tickets}", "{urn:example:quantities:2}"
SHORT = {"commonName": "CN", "organizationalUnitName": "OU", "organizationName": "O", "countryName": "C"}

certificates, folder = sys.argv[1:]
lock, nonces, held, asked = threading.Lock(), set(), {}, {}
count = {"submissions": 0, "duplicates": 0, "queries": 0}


def check(condition, text):
    if not condition:
        raise ValueError(text)


def verify(body, envelope, der):
    token = envelope.find(f"{SOAP}Header/{WSSE}Security/{WSSE}BinarySecurityToken")
    check(base64.b64decode(token.text) == der, "nobody we know: another certificate")
    signed = envelope.find(f"{SOAP}Header/{WSSE}Security/{DSIG}Signature/{DSIG}SignedInfo")
    check(signed.find(DSIG + "SignatureMethod").get("Algorithm").endswith("more#rsa-sha256"), "not rsa-sha256")
    methods = {method.get("Algorithm") for method in signed.iter(DSIG + "DigestMethod")}
    check(methods == {"http://www.w3.org/2001/04/xmlenc#sha256"}, f"digests {methods}")
    path = os.path.join(folder, "envelope.xml")
    with open(path, "wb") as file:
        file.write(body)
    command = ["xmlsec1", "--verify", "--pubkey-cert-pem", os.path.join(certificates, "client.crt")]
    for name in [SOAP + "Body", CALLER + "Caller", WSSE + "BinarySecurityToken"]:
        command += ["--id-attr:Id", name[1:].replace("}", ":")]
    outcome = subprocess.run(command + [path], capture_output=True, text=True)
    check(outcome.returncode == 0, f"nobody we know: {outcome.stderr}")


def check_caller(caller, subject):
    check([part.tag for part in caller] == [CALLER + name for name in ["Until", "Who", "Once", "Number"]], "Caller")
    parts = [(SHORT[key], value) for part in subject for key, value in part]
    check(caller[1].text == ",".join(f"{key}={value}" for key, value in reversed(parts)), "nobody we know: Who")
    check(caller[2].text not in nonces, "Once came before")
    nonces.add(caller[2].text)


def submit(root):
    check(sorted(root.attrib) == ["for", "id", "made", "sender"] and root.get("sender") == "GATEWAY-7", "Report")
    check(root[0].tag == Q + "Unit" and root[0].text == "KILOWATTHOUR", "Unit")
    count["submissions"] += 1
    for point in root[1:]:
        check(point.tag == Q + "Point" and list(point.attrib) == ["id"], "Point")
        for series in point:
            check(series.tag == Q + "Series" and series.get("kind") in ("PROD", "CONS"), "Series")
            for amount in series:
                check(amount.tag == Q + "Amount" and re.fullmatch(r"-?\d+\.\d{3}", amount.text), f"Amount {amount.text}")
                start = datetime.fromisoformat(amount.get("from"))
                until = (start + timedelta(seconds=int(series.get("seconds")))).strftime("%Y-%m-%dT%H:%M:%SZ")
                key = "/".join([point.get("id"), series.get("kind"), until])
                count["duplicates"] += key in held
                held[key] = amount.text
    with open(os.path.join(folder, "held.json"), "w") as file:
        json.dump({**count, "held": held}, file)
    number = f"T-{count['submissions']}"
    asked[number] = 0
    return None if count["submissions"] == 2 else f'<Ticket xmlns="{TICKETS[1:-1]}" number="{number}" result="TAKEN"/>'


def status(root):
    number = root.find(TICKETS + "About").text
    check(number in asked, "no such ticket")
    asked[number] += 1
    return f'<t:State xmlns:t="{TICKETS[1:-1]}" of="{number}" is="{"DONE" if asked[number] > 1 else "BUSY"}"/>'


def query(root):
    count["queries"] += 1
    point, kind, first, last = (root.get(name) for name in ["point", "kind", "from", "until"])
    keys = [key.split("/") for key in held]
    rows = [key for key in keys if key[:2] == [point, kind] and first < key[2] <= last]
    check(rows, "nothing of the kind")
    text = "".join(
        f'<Holding point="{point}" kind="{kind}" until="{until}" unit="KILOWATTHOUR">{held["/".join([point, kind, until])]}'
        "</Holding>" for _, _, until in rows)
    packed = base64.b64encode(gzip.compress(f'<Holdings xmlns="{Q[1:-1]}">{text}</Holdings>'.encode())).decode()
    return f'<Parcel xmlns="{PARCEL[1:-1]}"><Packed>{packed}</Packed></Parcel>'


def answer(body, subject, der):
    envelope = ET.fromstring(body)
    verify(body, envelope, der)
    check_caller(envelope.find(f"{SOAP}Header/{CALLER}Caller"), subject)
    parcel = envelope.find(f"{SOAP}Body/{PARCEL}Parcel")
    packed, sum_ = parcel.find(PARCEL + "Packed").text, parcel.find(PARCEL + "Sum").text
    check(base64.b64encode(hashlib.sha1(packed.encode()).digest()).decode() == sum_, "Sum")
    root = ET.fromstring(gzip.decompress(base64.b64decode(packed, validate=True)))
    services = {Q + "Report": submit, TICKETS + "Ask": status, Q + "Query": query}
    check(root.tag in services, f"unknown {root.tag}")
    return services[root.tag](root)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with lock:
            try:
                certificate = self.connection.getpeercert()
                code, inner = 200, answer(body, certificate["subject"], self.connection.getpeercert(True))
            except (ValueError, AttributeError, ET.ParseError) as problem:
                print("refused:", problem, file=sys.stderr, flush=True)
                code, inner = 500, (
                    f'<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring><detail><Reason xmlns="'
                    f'{TICKETS[1:-1]}">{problem}</Reason></detail></s:Fault>')
        if inner is None:
            return self.connection.close()
        text = f'<s:Envelope xmlns:s="{SOAP[1:-1]}"><s:Body>{inner}</s:Body></s:Envelope>'.encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(certificates, "server.crt"), os.path.join(certificates, "server.key"))
context.load_verify_locations(os.path.join(certificates, "ca.crt"))
context.verify_mode = ssl.CERT_REQUIRED
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("port", server.server_address[1], flush=True)
sys.stdin.read()
