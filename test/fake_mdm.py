# SPDX-License-Identifier: Apache-2.0
"""A small MDM server that does everything right unless a test bends it.

It exists to show that the simulated device notices what a real Windows would: it shares no code
with the server. A test sets `bend[phase]`, a function that gets a Reply and changes it, or
`bend_document` and `bend_sync`, which change the provisioning document and the SyncML body before
they are wrapped. Everything the device sent is kept in `requests`.
"""

import base64
import datetime
import hashlib
import http.server
import ipaddress
import json
import re
import ssl
import subprocess
import threading
import urllib.parse
import uuid

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BASE64 = ("http://docs.oasis-open.org/wss/2004/01/"
          "oasis-200401-wss-wssecurity-secext-1.0.xsd#base64binary")
PREFIX = "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/"
ACTIONS = {
    "discover": "http://schemas.microsoft.com/windows/management/2012/01/enrollment/"
                "IDiscoveryService/DiscoverResponse",
    "policy": "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy/IPolicy/"
              "GetPoliciesResponse",
    "request": "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RSTRC/wstep",
}
SOAP = "application/soap+xml; charset=utf-8"
SYNCML = "application/vnd.syncml.dm+xml"
BLOB = "blob-of-consent"


class Reply:
    def __init__(self, body, content_type, status=200, headers=None):
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.content_type = content_type
        self.headers = dict(headers or {})
        self.is_chunked = False
        self.has_length = True

    def text(self):
        return self.body.decode()

    def sub(self, old, new):
        assert old in self.text(), (old, self.text())
        self.body = self.text().replace(old, new).encode()


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(subject, key, issuer, issuer_key, extensions, days=(-1, 365)):
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
               .serial_number(x509.random_serial_number())
               .not_valid_before(now + datetime.timedelta(days=days[0]))
               .not_valid_after(now + datetime.timedelta(days=days[1])))
    for extension in extensions:
        builder = builder.add_extension(extension, False)
    return builder.sign(issuer_key, hashes.SHA256())


def der(cert):
    return cert.public_bytes(serialization.Encoding.DER)


def thumbprint(data):
    return hashlib.sha1(data).hexdigest().upper()


def parm(key, value=None, datatype=None):
    return (f'<parm name="{key}"' + (f' value="{value}"' if value is not None else "") +
            (f' datatype="{datatype}"' if datatype else "") + "/>")


def node(kind, *inner):
    return f'<characteristic type="{kind}">{"".join(inner)}</characteristic>'


class FakeMdm:
    """Use as a context manager. url: its address; ca: the file to trust."""

    def __init__(self, directory, ca_name="Fake CA"):
        self.dir = directory
        self.bend = {}
        self.bend_document = lambda document: document
        self.bend_sync = lambda body: body
        self.commands = []  # SyncML text, one entry a message
        self.requests = []  # (phase, headers, body)
        self.client_certificates = []
        self.tls = None
        self.ca_key = ec.generate_private_key(ec.SECP256R1())
        self.ca_name = name(ca_name)
        self.ca_cert = certificate(self.ca_name, self.ca_key.public_key(), self.ca_name,
                                   self.ca_key, [x509.BasicConstraints(True, None)])
        self.ca = directory / "fake-ca.pem"
        self.ca.write_bytes(self.ca_cert.public_bytes(serialization.Encoding.PEM))
        self.auth_policy = "Federated"
        self.device_days = (-1, 365)
        self.device_usage = ExtendedKeyUsageOID.CLIENT_AUTH

    def __enter__(self):
        self.server = self.listen(tls=True)
        self.control = self.listen(tls=False)
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        self.control_url = f"http://127.0.0.1:{self.control.server_port}"
        return self

    def __exit__(self, *exception):
        for server in (self.server, self.control):
            server.shutdown()
            server.server_close()

    def listen(self, tls):
        self.issuing = threading.Lock()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.fake = self
        if tls:
            server.socket = self.tls_context().wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def tls_context(self):
        key = ec.generate_private_key(ec.SECP256R1())
        san = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        cert = certificate(name("127.0.0.1"), key.public_key(), self.ca_name, self.ca_key, [san])
        pem = self.dir / "fake-server.pem"
        pem.write_bytes(cert.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        context.load_verify_locations(self.ca)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    # what it answers

    def soap(self, phase, request, body):
        message_id = re.search(r"<a:MessageID>([^<]+)<", request).group(1)
        return Reply(
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
            'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
            f'<a:Action s:mustUnderstand="1">{ACTIONS[phase]}</a:Action>'
            f'<a:RelatesTo>{message_id}</a:RelatesTo></s:Header><s:Body>{body}</s:Body>'
            '</s:Envelope>', SOAP)

    def discover(self, request):
        return self.soap("discover", request, (
            '<DiscoverResponse xmlns="http://schemas.microsoft.com/windows/management/2012/01/'
            f'enrollment"><DiscoverResult><AuthPolicy>{self.auth_policy}</AuthPolicy>'
            '<EnrollmentVersion>4.0</EnrollmentVersion><EnrollmentPolicyServiceUrl>'
            f'{self.url}/EnrollmentServer/Policy.svc</EnrollmentPolicyServiceUrl>'
            f'<EnrollmentServiceUrl>{self.url}/EnrollmentServer/Enrollment.svc'
            '</EnrollmentServiceUrl></DiscoverResult></DiscoverResponse>'))

    def policy(self, request):
        return self.soap("policy", request, (
            '<GetPoliciesResponse xmlns="http://schemas.microsoft.com/windows/pki/2009/01/'
            'enrollmentpolicy"><response><policyID/><policies><policy><policyOIDReference>0'
            '</policyOIDReference><attributes><policySchema>3</policySchema><privateKeyAttributes>'
            '<minimalKeyLength>2048</minimalKeyLength></privateKeyAttributes>'
            '<hashAlgorithmOIDReference>0</hashAlgorithmOIDReference></attributes></policy>'
            '</policies></response><oIDs><oID><value>2.16.840.1.101.3.4.2.1</value><group>1</group>'
            '<oIDReferenceID>0</oIDReferenceID><defaultName>szOID_NIST_sha256</defaultName></oID>'
            '</oIDs></GetPoliciesResponse>'))

    def certificate_request(self, request):
        """The PKCS#10 of a request; of a renewal the signed content."""
        token = re.search(r'ValueType="[^"]+#PKCS(10|7)"[^>]*>([^<]+)<', request)
        content = base64.b64decode(token.group(2))
        if token.group(1) == "7":
            done = subprocess.run(["openssl", "cms", "-verify", "-noverify", "-inform", "DER"],
                                  input=content, capture_output=True, check=True)
            content = done.stdout
        self.csr_der = content
        return content

    def issue(self, csr):
        """The PKCS#10 holds a subject that strict readers refuse: only its key counts."""
        public = subprocess.run(["openssl", "req", "-inform", "DER", "-noout", "-pubkey"],
                                input=csr, capture_output=True, check=True).stdout
        key = serialization.load_pem_public_key(public)
        self.device_guid = str(uuid.uuid4())
        return certificate(name(self.device_guid), key, self.ca_name, self.ca_key,
                           [x509.ExtendedKeyUsage([self.device_usage])], self.device_days)

    def document(self, request, cert):
        data, root = der(cert), der(self.ca_cert)
        store = "System" if "<ac:Value>Device</ac:Value>" in request else "User"
        own = node(thumbprint(data), parm("EncodedCertificate", base64.b64encode(data).decode()))
        if "/Renew</wst:RequestType>" in request:
            own = node(thumbprint(data), parm("EncodedCertificate",
                                              base64.b64encode(data).decode()),
                       node("PrivateKeyContainer"))
            return (node("CertificateStore", node("My", node(store, own))) +
                    node("APPLICATION", parm("PROVIDER-ID", "Fake")))
        stores = node("CertificateStore",
                      node("Root", node("System", node(thumbprint(root), parm(
                          "EncodedCertificate", base64.b64encode(root).decode())))),
                      node("My", node(store, own, node("PrivateKeyContainer")),
                           node("WSTEP", node("Renew", parm("ROBOSupport", "true", "boolean"),
                                              parm("RenewPeriod", "60", "integer"),
                                              parm("RetryInterval", "4", "integer")))))
        return stores + self.account(store) + self.client()

    def account(self, store):
        def auth(level, *more):
            return node("APPAUTH", parm("AAUTHLEVEL", level), parm("AAUTHTYPE", "DIGEST"), *more,
                        parm("AAUTHSECRET", "secret"),
                        parm("AAUTHDATA", base64.b64encode(bytes(16)).decode()))
        return node(
            "APPLICATION", parm("APPID", "w7"), parm("PROVIDER-ID", "Fake"), parm("NAME", "Fake"),
            parm("ADDR", f"{self.url}/ManagementServer/MDM.svc"), parm("CONNRETRYFREQ", "1"),
            parm("INITIALBACKOFFTIME", "1000"), parm("BACKCOMPATRETRYDISABLED"),
            parm("SSLCLIENTCERTSEARCHCRITERIA",
                 f"Subject=CN%3D{self.device_guid}&amp;Stores=My%5C{store}"),
            auth("CLIENT"), auth("APPSRV", parm("AAUTHNAME", "client")))

    def client(self):
        return node("DMClient", node("Provider", node(
            "Fake", parm("UPN", "anna@contoso.test", "string"),
            parm("EntDMID", self.device_guid, "string"),
            node("Poll", parm("NumberOfFirstRetries", "2", "integer"),
                 parm("IntervalForFirstSetOfRetries", "1", "integer"),
                 parm("NumberOfRemainingScheduledRetries", "0", "integer"),
                 parm("IntervalForRemainingScheduledRetries", "1560", "integer"),
                 parm("PollOnLogin", "true", "boolean")))))

    def request(self, request):
        with self.issuing:  # the document names the device of the certificate
            cert = self.issue(self.certificate_request(request))
            document = self.bend_document(
                f'<wap-provisioningdoc version="1.1">{self.document(request, cert)}'
                '</wap-provisioningdoc>')
        token = base64.b64encode(document.encode()).decode()
        return self.soap("request", request, (
            '<RequestSecurityTokenResponseCollection xmlns="http://docs.oasis-open.org/ws-sx/'
            'ws-trust/200512"><RequestSecurityTokenResponse><TokenType>'
            f'{PREFIX}DeviceEnrollmentToken</TokenType><RequestedSecurityToken>'
            '<BinarySecurityToken xmlns="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-'
            f'wssecurity-secext-1.0.xsd" ValueType="{PREFIX}DeviceEnrollmentProvisionDoc" '
            f'EncodingType="{BASE64}">{token}</BinarySecurityToken></RequestedSecurityToken>'
            '</RequestSecurityTokenResponse></RequestSecurityTokenResponseCollection>'))

    def sync(self, request):
        def value(tag):
            return re.search(rf"<{tag}>([^<]*)</{tag}>", request).group(1)
        message = int(value("MsgID"))
        uris = re.findall(r"<LocURI>([^<]+)</LocURI>", request)
        sent = re.findall(r"<(Alert|Replace)><CmdID>(\d+)<", request)
        statuses = [("SyncHdr", "0")] + sent
        body = "".join(
            f"<Status><CmdID>{i}</CmdID><MsgRef>{message}</MsgRef><CmdRef>{ref}</CmdRef>"
            f"<Cmd>{cmd}</Cmd><Data>200</Data></Status>"
            for i, (cmd, ref) in enumerate(statuses, 1))
        if len(self.commands) >= message and "mdm.unenrollment.userrequest" not in request:
            body += self.commands[message - 1]
        return Reply(self.bend_sync(
            '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2'
            f'</VerProto><SessionID>{value("SessionID")}</SessionID><MsgID>{message}</MsgID>'
            f'<Target><LocURI>{uris[1]}</LocURI></Target><Source><LocURI>{uris[0]}</LocURI>'
            f'</Source></SyncHdr><SyncBody>{body}<Final/></SyncBody></SyncML>'), SYNCML)

    def terms_page(self, path, headers):
        self.redirect = urllib.parse.parse_qs(path.partition("?")[2])["redirect_uri"][0]
        decline = ('' if "mode=azureadjoin" in path else
                   '<button type="submit" name="decision" value="decline">Decline</button>')
        return Reply('<!DOCTYPE html><html><body><p>Terms</p><form method="post" '
                     'action="/TermsOfUse"><input type="hidden" name="state" value="a&amp;b">'
                     f'{decline}<button name="decision" value="accept">Accept</button></form>'
                     '</body></html>', "text/html; charset=utf-8")

    def terms_decide(self, body):
        form = urllib.parse.parse_qs(body)
        assert form["state"] == ["a&b"], form
        result = (f"IsAccepted=true&OpaqueBlob={BLOB}" if form["decision"] == ["accept"]
                  else "IsAccepted=false")
        return Reply(b"", "text/html", 302, {"Location": f"{self.redirect}?{result}"})

    def control_answer(self, path, body):
        wish = json.loads(body)
        if path == "/_ctl/devices":
            return Reply(json.dumps({"deviceId": str(uuid.uuid4())}), "application/json", 201)
        return Reply(json.dumps({"token": token(wish.get("user"), wish.get("device"))}),
                     "application/json")

    # where it comes in

    def answer(self, method, path, headers, body):
        place = path.partition("?")[0]
        table = {
            ("GET", "/EnrollmentServer/Discovery.svc"): ("probe", lambda: Reply(b"", "text/html")),
            ("POST", "/EnrollmentServer/Discovery.svc"): ("discover", lambda: self.discover(body)),
            ("POST", "/EnrollmentServer/Policy.svc"): ("policy", lambda: self.policy(body)),
            ("POST", "/EnrollmentServer/Enrollment.svc"): ("request", lambda: self.request(body)),
            ("POST", "/ManagementServer/MDM.svc"): ("sync", lambda: self.sync(body)),
            ("GET", "/TermsOfUse"): ("page", lambda: self.terms_page(path, headers)),
            ("POST", "/TermsOfUse"): ("decide", lambda: self.terms_decide(body)),
            ("POST", "/_ctl/mint"): ("control", lambda: self.control_answer(place, body)),
            ("POST", "/_ctl/devices"): ("control", lambda: self.control_answer(place, body)),
        }
        phase, make = table[(method, place)]
        self.requests.append((phase, {k.lower(): v for k, v in headers.items()}, body))
        reply = make()
        if phase in self.bend:
            self.bend[phase](reply)
        return reply

    def sent(self, phase):
        return [(headers, body) for p, headers, body in self.requests if p == phase]


def fault(reply, subcode="s:Authentication", error_type=None, status=500):
    """Turn a reply into a SOAP fault."""
    detail = (f'<s:Detail><DeviceEnrollmentServiceError xmlns="http://schemas.microsoft.com/windows/'
              f'pki/2009/01/enrollment"><ErrorType>{error_type}</ErrorType>'
              '</DeviceEnrollmentServiceError></s:Detail>' if error_type else "")
    head, _, _ = reply.text().partition("<s:Body>")
    reply.body = (head + "<s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>"
                  f"{subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en-US\">no"
                  f"</s:Text></s:Reason>{detail}</s:Fault></s:Body></s:Envelope>").encode()
    reply.status = status


def token(user="anna@contoso.test", device=None):
    """Shaped like a JWT; nobody here checks it."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    claims = {"upn": user, **({"deviceid": device} if device else {})}
    return f'{part({"alg": "RS256"})}.{part(claims)}.c2ln'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def setup(self):
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass

    def handle_one(self):
        fake = self.server.fake
        if isinstance(self.request, ssl.SSLSocket):
            fake.client_certificates.append(self.request.getpeercert(True))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        reply = fake.answer(self.command, self.path, self.headers, body)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        for key, value in reply.headers.items():
            self.send_header(key, value)
        if reply.is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.has_length:
            self.send_header("Content-Length", str(len(reply.body)))
        else:
            self.close_connection = True
        self.end_headers()
        if reply.is_chunked:
            self.wfile.write(f"{len(reply.body):x}\r\n".encode() + reply.body + b"\r\n0\r\n\r\n")
        else:
            self.wfile.write(reply.body)

    do_GET = do_POST = handle_one
