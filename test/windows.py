# SPDX-License-Identifier: Apache-2.0
"""What a Windows device puts on the wire, message by message, for tests that bend it.

This client shares nothing with the server or the simulators: templates, the standard library's
XML reader and the cryptography package.
"""

import base64
import hashlib
import http.client
import os
import re
import ssl
import tempfile
import urllib.parse
import uuid
import xml.etree.ElementTree as ET

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

S = "{http://www.w3.org/2003/05/soap-envelope}"
A = "{http://www.w3.org/2005/08/addressing}"
WSTEP = "{http://schemas.microsoft.com/windows/pki/2009/01/enrollment}"
DISCOVERY = "{http://schemas.microsoft.com/windows/management/2012/01/enrollment}"
WSSE = ("{http://docs.oasis-open.org/wss/2004/01/"
        "oasis-200401-wss-wssecurity-secext-1.0.xsd}")
SYNCML = "{SYNCML:SYNCML1.2}"

REDIRECT = "ms-appx-web://ContosoMdm/ToUResponse"

ENVELOPE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://www.w3.org/2005/08/addressing" '
    'xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" '
    'xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" '
    'xmlns:wst="http://docs.oasis-open.org/ws-sx/ws-trust/200512" '
    'xmlns:ac="http://schemas.xmlsoap.org/ws/2006/12/authorization"><s:Header>'
    '<a:Action s:mustUnderstand="1">{action}</a:Action>'
    '<a:MessageID>urn:uuid:0d5a1441-5891-453b-becf-a2e5f6ea3749</a:MessageID>'
    '<a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>'
    '<a:To s:mustUnderstand="1">{to}</a:To>{security}</s:Header><s:Body>{body}</s:Body></s:Envelope>')
BASE64 = ("http://docs.oasis-open.org/wss/2004/01/"
          "oasis-200401-wss-wssecurity-secext-1.0.xsd#base64binary")


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()

    def xml(self):
        return ET.fromstring(self.body)


def send(url, method, body=None, headers=None, context=None):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=context, timeout=60)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body=body, headers=headers or {})
        return Reply(connection.getresponse())
    finally:
        connection.close()


def terms_url(server, **query):
    given = {"redirect_uri": REDIRECT, "client-request-id": str(uuid.uuid4()),
             "api-version": "1.0", "mode": "azureadjoin"}
    given.update(query)
    pairs = [(k, v) for k, v in given.items() if v is not None]
    return f"{server.public_url}/TermsOfUse?{urllib.parse.urlencode(pairs)}"


def terms_get(server, token, headers=None, **query):
    sent = dict(headers or {})
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    return send(terms_url(server, **query), "GET", headers=sent, context=server.tls())


def terms_state(reply):
    found = re.search(rb'name="state" value="([^"]+)"', reply.body)
    assert found, reply.body[:500]
    return found.group(1).decode()


def terms_again(server, query, headers=None, method="GET"):
    """The page asked for by exactly this query, as a web view's Back, Forward and Reload do."""
    return send(f"{server.public_url}/TermsOfUse?{query}", method, headers=headers,
                context=server.tls())


def terms_script(reply):
    """The address of the page's script; there is one, the server's own."""
    found = re.findall(rb"<script[^>]*>", reply.body)
    assert len(found) == 1, found
    return re.fullmatch(rb'<script src="(/TermsOfUse/assets/[0-9a-f]{32}/history\.js)">',
                        found[0]).group(1).decode()


def terms_post(server, state, decision):
    return send(f"{server.public_url}/TermsOfUse", "POST",
                urllib.parse.urlencode({"state": state, "decision": decision}),
                {"Content-Type": "application/x-www-form-urlencoded"}, server.tls())


def redirect_query(reply):
    """The parameters of a redirect back to Windows."""
    assert reply.status == 302, (reply.status, reply.body[:300])
    location = reply.headers["location"]
    assert location.startswith(("ms-appx-web://", "ms-aadj-redir://")), location
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))


def accept_terms(server, token, **query):
    page = terms_get(server, token, **query)
    assert page.status == 200, (page.status, page.headers.get("location"))
    answer = redirect_query(terms_post(server, terms_state(page), "accept"))
    assert answer["IsAccepted"] == "true"
    return answer["OpaqueBlob"]


def new_key(bits=2048, exponent=65537):
    return rsa.generate_private_key(exponent, bits)


def csr_der(key, name="BA405A5D-B1C7-4737-81C8-8F379A", algorithm=None):
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
    request = builder.sign(key, algorithm or hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


def jwt_security(token):
    text = base64.b64encode(token.encode()).decode()
    return ('<wsse:Security s:mustUnderstand="1"><wsse:BinarySecurityToken '
            f'ValueType="urn:ietf:params:oauth:token-type:jwt" EncodingType="{BASE64}">{text}'
            '</wsse:BinarySecurityToken></wsse:Security>')


def username_security(user, password):
    return ('<wsse:Security s:mustUnderstand="1"><wsse:UsernameToken u:Id="uuid-x">'
            f'<wsse:Username>{user}</wsse:Username><wsse:Password wsse:Type="http://docs.oasis-open'
            '.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText">'
            f'{password}</wsse:Password></wsse:UsernameToken></wsse:Security>')


def soap(url, action, body, security="", context=None, content_type=None, host=None,
         headers=None):
    """host: by which name the server is asked, when it is not that of the address."""
    message = ENVELOPE.format(action=action, to=url, security=security, body=body)
    sent = {"Content-Type": content_type or "application/soap+xml; charset=utf-8",
            "User-Agent": "ENROLLClient", **(headers or {})}
    return send(url, "POST", message.encode(), {**sent, **({"Host": host} if host else {})},
                context)


def discover(server, version="4.0", email="anna@contoso.com", auth=("OnPremise", "Federated"),
             slash="", host=None):
    offers = "".join(f"<AuthPolicy>{a}</AuthPolicy>" for a in auth)
    body = ('<Discover xmlns="http://schemas.microsoft.com/windows/management/2012/01/enrollment'
            f'{slash}"><request xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
            f'<EmailAddress>{email}</EmailAddress><RequestVersion>{version}</RequestVersion>'
            '<DeviceType>CIMClient_Windows</DeviceType><ApplicationVersion>10.0.22631.4460'
            '</ApplicationVersion><OSEdition>72</OSEdition>'
            f'<AuthPolicies>{offers}</AuthPolicies></request></Discover>')
    return soap(f"{server.public_url}/EnrollmentServer/Discovery.svc",
                "http://schemas.microsoft.com/windows/management/2012/01/enrollment/"
                "IDiscoveryService/Discover", body, context=server.tls(), host=host)


def get_policies(server, security):
    body = ('<GetPolicies xmlns="http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><client>'
            '<lastUpdate xsi:nil="true"/><preferredLanguage xsi:nil="true"/></client>'
            '<requestFilter xsi:nil="true"/></GetPolicies>')
    return soap(f"{server.public_url}/EnrollmentServer/Policy.svc",
                "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy/IPolicy/"
                "GetPolicies", body, security, server.tls())


def request_token(server, security, csr, context_items, request_type="Issue", headers=None):
    items = "".join(f'<ac:ContextItem Name="{k}"><ac:Value>{v}</ac:Value></ac:ContextItem>'
                    for k, v in context_items if v is not None)
    body = ('<wst:RequestSecurityToken><wst:TokenType>http://schemas.microsoft.com/5.0.0.0/'
            'ConfigurationManager/Enrollment/DeviceEnrollmentToken</wst:TokenType>'
            '<wst:RequestType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/'
            f'{request_type}</wst:RequestType><wsse:BinarySecurityToken ValueType='
            '"http://schemas.microsoft.com/windows/pki/2009/01/enrollment#PKCS10" '
            f'EncodingType="{BASE64}">{base64.b64encode(csr).decode()}'
            '</wsse:BinarySecurityToken><ac:AdditionalContext xmlns='
            f'"http://schemas.xmlsoap.org/ws/2006/12/authorization">{items}'
            '</ac:AdditionalContext></wst:RequestSecurityToken>')
    return soap(f"{server.public_url}/EnrollmentServer/Enrollment.svc",
                "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RST/wstep", body,
                security, server.tls(), headers=headers)


def context(blob=None, kind="Device", device_id=None, name="DESKTOP-1", **more):
    items = [("UXInitiated", "true"), ("HWDevID", "3B" * 32), ("Locale", "en-US"),
             ("TargetedUserLoggedIn", "true"), ("OSEdition", "72"), ("DeviceName", name),
             ("MAC", "00-0C-29-51-60-9D"), ("MAC", "1A-77-20-52-41-53"),
             ("DeviceID", device_id or "1E08C6E95D8BB843B1278FF45BC60CC6"),
             ("EnrollmentType", kind), ("DeviceType", "CIMClient_Windows"),
             ("OSVersion", "10.0.22631.4460"), ("ApplicationVersion", "10.0.22631.4460"),
             ("NotInOobe", "false"), ("EnrollmentData", blob)]
    return [(k, more.get(k, v)) for k, v in items]


class Fault:
    """A SOAP fault as Windows would read it."""

    def __init__(self, reply):
        assert reply.status == 500, (reply.status, reply.body[:500])
        fault = reply.xml().find(f"{S}Body/{S}Fault")
        assert fault is not None, reply.body[:500]
        self.code = fault.findtext(f"{S}Code/{S}Value")
        self.subcode = fault.findtext(f"{S}Code/{S}Subcode/{S}Value")
        detail = fault.find(f"{S}Detail/{WSTEP}DeviceEnrollmentServiceError")
        self.error_type = detail.findtext(f"{WSTEP}ErrorType") if detail is not None else None
        self.trace_id = detail.findtext(f"{WSTEP}TraceId") if detail is not None else None
        self.text = reply.body.decode()


def provisioning(reply):
    """The provisioning document of a successful answer, as an element."""
    assert reply.status == 200, (reply.status, reply.body[:800])
    token = reply.xml().find(f".//{WSSE}BinarySecurityToken")
    return ET.fromstring(base64.b64decode(token.text))


def characteristic(node, *path):
    for name in path:
        node = next(c for c in node if c.tag == "characteristic" and c.get("type") == name)
    return node


class Enrolled:
    """A device with its certificate, able to hold sessions."""

    def __init__(self, server, key, document, store, dm_device_id):
        self.server, self.key, self.dm_device_id = server, key, dm_device_id
        self.document = document
        mine = characteristic(document, "CertificateStore", "My", store)
        thumb = next(c for c in mine if c.tag == "characteristic" and len(c.get("type")) == 40)
        self.certificate_der = base64.b64decode(
            next(p for p in thumb if p.get("name") == "EncodedCertificate").get("value"))
        assert hashlib.sha1(self.certificate_der).hexdigest().upper() == thumb.get("type")
        self.certificate = x509.load_der_x509_certificate(self.certificate_der)

    def tls(self):
        """A client context; the key is on disk only while it is loaded."""
        made = self.server.tls()
        with tempfile.NamedTemporaryFile() as pem:
            pem.write(self.certificate.public_bytes(serialization.Encoding.PEM))
            pem.write(self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()))
            pem.flush()
            made.load_cert_chain(pem.name)
        return made

    def post(self, message, headers=None, context=None):
        sent = {"Content-Type": "application/vnd.syncml.dm+xml", "Accept-Charset": "UTF-8",
                "User-Agent": "MSFT OMA DM Client/1.2.0.1"}
        sent.update(headers or {})
        url = f"{self.server.manage_url}/ManagementServer/MDM.svc?mode=Maintenance&Platform=WoA"
        return send(url, "POST", message.encode() if isinstance(message, str) else message, sent,
                    context or self.tls())

    def header(self, msg_id, session="1", source=None, target=None):
        return ("<SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
                f"<SessionID>{session}</SessionID><MsgID>{msg_id}</MsgID><Target><LocURI>"
                f"{target or self.server.manage_url + '/ManagementServer/MDM.svc'}</LocURI></Target>"
                f"<Source><LocURI>{source or self.dm_device_id}</LocURI></Source></SyncHdr>")

    def message(self, msg_id, body, session="1", final=True, **header):
        return ('<SyncML xmlns="SYNCML:SYNCML1.2">' + self.header(msg_id, session, **header) +
                f"<SyncBody>{body}{'<Final/>' if final else ''}</SyncBody></SyncML>")

    def package1(self, session="1", login="none", alerts="", **header):
        body = ("<Alert><CmdID>2</CmdID><Data>1201</Data></Alert>"
                "<Alert><CmdID>3</CmdID><Data>1224</Data><Item><Meta><Type "
                'xmlns="syncml:metinf">com.microsoft/MDM/LoginStatus</Type></Meta>'
                f"<Data>{login}</Data></Item></Alert>{alerts}<Replace><CmdID>9</CmdID>" +
                "".join(f"<Item><Source><LocURI>./DevInfo/{k}</LocURI></Source><Data>{v}</Data>"
                        "</Item>" for k, v in
                        (("DevId", self.dm_device_id), ("Man", "VMware, Inc."),
                         ("Mod", "VMware7,1"), ("DmV", "1.3"), ("Lang", "en-US"))) + "</Replace>")
        return self.message(1, body, session, **header)


class Commands:
    """A server message: the statuses, and the commands with CmdID, verb, LocURI, format, data."""

    def __init__(self, reply):
        assert reply.status == 200, (reply.status, reply.body[:500])
        assert "transfer-encoding" not in reply.headers
        assert int(reply.headers["content-length"]) == len(reply.body)
        root = reply.xml()
        self.msg_id = root.findtext(f"{SYNCML}SyncHdr/{SYNCML}MsgID")
        body = root.find(f"{SYNCML}SyncBody")
        self.final = body.find(f"{SYNCML}Final") is not None
        self.statuses, self.commands, self.alerts = [], [], []
        for node in body:
            tag = node.tag.replace(SYNCML, "")
            number = node.findtext(f"{SYNCML}CmdID")
            if tag == "Status":
                self.statuses.append((node.findtext(f"{SYNCML}MsgRef"),
                                      node.findtext(f"{SYNCML}CmdRef"),
                                      node.findtext(f"{SYNCML}Cmd"),
                                      node.findtext(f"{SYNCML}Data")))
            elif tag == "Alert":
                self.alerts.append(node.findtext(f"{SYNCML}Data"))
            elif tag != "Final":
                for item in node.findall(f"{SYNCML}Item"):
                    self.commands.append({
                        "cmd_id": number, "verb": tag,
                        "locuri": item.findtext(f"{SYNCML}Target/{SYNCML}LocURI"),
                        "format": item.findtext(f"{SYNCML}Meta/{{syncml:metinf}}Format"),
                        "data": item.findtext(f"{SYNCML}Data")})


def answers(commands, msg_ref, values=None, statuses=None):
    """Statuses and results for a server message, as a willing device gives them."""
    # ./Device/Vendor and ./Vendor are the same node.
    values = {k.replace("./Device/", "./"): v for k, v in (values or {}).items()}
    statuses = statuses or {}
    out = (f"<Status><CmdID>1</CmdID><MsgRef>{msg_ref}</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
           "<Data>200</Data></Status>")
    number = 2
    for c in commands:
        status = statuses.get(c["locuri"], 200)
        node = c["locuri"].replace("./Device/", "./")
        if c["verb"] == "Get" and node not in values and c["locuri"] not in statuses:
            status = 404
        out += (f"<Status><CmdID>{number}</CmdID><MsgRef>{msg_ref}</MsgRef><CmdRef>{c['cmd_id']}"
                f"</CmdRef><Cmd>{c['verb']}</Cmd><Data>{status}</Data></Status>")
        number += 1
        if c["verb"] == "Get" and status == 200:
            out += (f"<Results><CmdID>{number}</CmdID><MsgRef>{msg_ref}</MsgRef><CmdRef>"
                    f"{c['cmd_id']}</CmdRef><Cmd>Get</Cmd><Item><Source><LocURI>{c['locuri']}"
                    '</LocURI></Source><Meta><Format xmlns="syncml:metinf">chr</Format></Meta>'
                    f"<Data>{values[node]}</Data></Item></Results>")
            number += 1
    return out


def run_session(device, session="1", login="none", alerts="", values=None, statuses=None,
                headers=None):
    """A whole session; every command the server sent, in order."""
    context_ = device.tls()
    sent = []
    reply = Commands(device.post(device.package1(session, login, alerts), headers, context_))
    number = 1
    while reply.commands:
        sent += reply.commands
        number += 1
        assert number < 50, "the session does not end"
        body = answers(reply.commands, reply.msg_id, values, statuses)
        reply = Commands(device.post(device.message(number, body, session), headers, context_))
    return sent


def enroll(server, token, blob=None, kind="Device", key=None, dm_device_id=None, name="DESKTOP-1"):
    key = key or new_key()
    dm_device_id = dm_device_id or uuid.uuid4().hex.upper()
    reply = request_token(server, jwt_security(token), csr_der(key),
                          context(blob, kind, dm_device_id, name))
    return Enrolled(server, key, provisioning(reply),
                    "System" if kind == "Device" else "User", dm_device_id)


def captures():
    """The folder of captured client messages, or None."""
    return os.environ.get("MUSTER_CAPTURES")


__all__ = [name for name in dir() if not name.startswith("_")] + ["ssl"]
