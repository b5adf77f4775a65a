# SPDX-License-Identifier: Apache-2.0
"""Signed SOAP headers (certificate authentication) and the certificates behind them, good ones and
bad ones. Canonical XML is written here once more, on the standard library's expat alone; the
server verifies with xmlsec, so a mistake in one is seen in the other."""

import base64
import datetime
import hashlib
import uuid
import xml.parsers.expat

from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

import windows

DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ENVELOPED = f"{DSIG}enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
X509 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509"
USER_TOKEN = ("http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/"
              "DeviceEnrollmentUserToken")
UPN = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
KEYS = []


def key(number, bits=2048):
    """The same few keys for all tests: making one is slow."""
    while len(KEYS) <= number:
        KEYS.append(rsa.generate_private_key(65537, 2048))
    return KEYS[number] if bits == 2048 else rsa.generate_private_key(65537, bits)


def now(**offset):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**offset)


def name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


class Credential:
    def __init__(self, private, certificate):
        self.key, self.certificate = private, certificate
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()

    def key_pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM,
                                      serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption()).decode()


def usage(*on):
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{n: n in on for n in names})


class Authority(Credential):
    """A CA; signed by itself, or by another one."""

    def __init__(self, common_name=None, number=0, parent=None, **times):
        common_name = common_name or f"CA {uuid.uuid4().hex[:8]}"
        private = key(number)
        issuer = parent.certificate.subject if parent else name(common_name)
        builder = (x509.CertificateBuilder().subject_name(name(common_name)).issuer_name(issuer)
                   .public_key(private.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(times.get("start") or now(days=-2))
                   .not_valid_after(times.get("end") or now(days=3650))
                   .add_extension(x509.BasicConstraints(True, None), True)
                   .add_extension(usage("key_cert_sign", "crl_sign"), True))
        super().__init__(private, builder.sign(parent.key if parent else private,
                                               hashes.SHA256()))

    def issue(self, common_name="Anna", upn=None, email=None, number=1, bits=2048, start=None,
              end=None, key_usage=("digital_signature",), eku=(ExtendedKeyUsageOID.CLIENT_AUTH,),
              is_ca=False, algorithm=None, private=None):
        private = private or key(number, bits)
        builder = (x509.CertificateBuilder().subject_name(name(common_name))
                   .issuer_name(self.certificate.subject).public_key(private.public_key())
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(start or now(days=-1)).not_valid_after(end or now(days=30)))
        names = []
        if upn is not None:
            text = upn.encode()
            size = [len(text)] if len(text) < 128 else [0x82, *divmod(len(text), 256)]
            names.append(x509.OtherName(UPN, bytes([0x0c, *size]) + text))
        if email is not None:
            names.append(x509.RFC822Name(email))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        if is_ca:
            builder = builder.add_extension(x509.BasicConstraints(True, 0), True)
        if key_usage:
            builder = builder.add_extension(usage(*key_usage), True)
        if eku:
            builder = builder.add_extension(x509.ExtendedKeyUsage(eku), False)
        return Credential(private, builder.sign(self.key, algorithm or hashes.SHA256()))


def c14n(text):
    """Canonical XML 1.0 without comments (RFC 3076) of a document without DTD."""
    out, scopes = [], [{"": ""}]
    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = True

    def escape(value, marks):
        for mark, entity in marks:
            value = value.replace(mark, entity)
        return value

    def start(tag, flat):
        pairs = list(zip(flat[::2], flat[1::2]))
        declared = {k[6:]: v for k, v in pairs if k == "xmlns" or k.startswith("xmlns:")}
        scope = {**scopes[-1], **declared}
        new = sorted((p, u) for p, u in declared.items() if scopes[-1].get(p) != u)
        scopes.append(scope)
        out.append(f"<{tag}")
        for prefix, uri in new:
            out.append(f' xmlns{":" if prefix else ""}{prefix}="{uri}"')
        def order(pair):
            prefix, colon, local = pair[0].partition(":")
            return (scope[prefix], local) if colon else ("", prefix)
        for k, v in sorted((p for p in pairs if not p[0].startswith("xmlns")), key=order):
            v = escape(v, (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;"), ("\t", "&#x9;"),
                           ("\n", "&#xA;"), ("\r", "&#xD;")))
            out.append(f' {k}="{v}"')
        out.append(">")

    def end(tag):
        scopes.pop()
        out.append(f"</{tag}>")

    def data(value):
        out.append(escape(value, (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"),
                                  ("\r", "&#xD;"))))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.Parse(text, True)
    return "".join(out)


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class Header:
    """The signed security header of one message. Every part can be made wrong by name."""

    def __init__(self, credential, value_type=f"{X509}v3", **bent):
        self.credential = credential
        self.bent = bent
        self.value_type = value_type
        self.token_id = bent.get("token_id", f"uuid-{uuid.uuid4()}-1")

    def get(self, part, good):
        return self.bent.get(part, good)

    def timestamp(self):
        created = self.get("created", now())
        expires = self.get("expires", created + datetime.timedelta(minutes=5))
        return self.get("timestamp", f'<u:Timestamp u:Id="_0"><u:Created>{stamp(created)}'
                        f'</u:Created><u:Expires>{stamp(expires)}</u:Expires></u:Timestamp>')

    def token(self):
        text = base64.b64encode(self.get("certificate", self.credential.der)).decode()
        return (f'<wsse:BinarySecurityToken ValueType="{self.value_type}" '
                f'u:Id="{self.token_id}" EncodingType="{windows.BASE64}">{text}'
                '</wsse:BinarySecurityToken>')

    def key_info(self):
        target = self.get("key_uri", self.token_id.removeprefix("uuid-"))
        return self.get("key_info", '<wsse:SecurityTokenReference><wsse:Reference '
                        f'URI="{target}" ValueType="{X509}"></wsse:Reference>'
                        '</wsse:SecurityTokenReference>')

    def signed_info(self, digest):
        transforms = self.get("transforms", f'<Transform Algorithm="{ENVELOPED}"></Transform>')
        reference = (f'<Reference URI="{self.get("uri", "")}"><Transforms>{transforms}'
                     f'</Transforms><DigestMethod Algorithm="{self.get("digest_method", SHA256)}">'
                     f'</DigestMethod><DigestValue>{digest}</DigestValue></Reference>')
        return (f'<SignedInfo xmlns="{DSIG}"><CanonicalizationMethod '
                f'Algorithm="{self.get("c14n_method", EXC_C14N)}"></CanonicalizationMethod>'
                f'<SignatureMethod Algorithm="{self.get("signature_method", RSA_SHA256)}">'
                f'</SignatureMethod>{self.get("reference", reference)}'
                f'{self.get("more_references", "")}</SignedInfo>')

    def value(self, signed_info):
        private = self.get("key", self.credential.key)
        data = signed_info.encode()
        if self.get("hmac", None) is not None:
            mac = hmac.HMAC(self.get("hmac", None), hashes.SHA256())
            mac.update(data)
            return mac.finalize()
        return private.sign(data, padding.PKCS1v15(), self.get("hash", hashes.SHA256()))

    def signature(self, document):
        """For the document as it is without the signature."""
        digest = base64.b64encode(hashlib.sha256(
            self.get("digest_of", c14n)(document).encode()).digest()).decode()
        info = self.signed_info(digest)
        value = base64.b64encode(self.value(info)).decode()
        return (f'<Signature xmlns="{DSIG}">{info.replace(f" xmlns={chr(34)}{DSIG}{chr(34)}", "")}'
                f'<SignatureValue>{value}</SignatureValue><KeyInfo>{self.key_info()}</KeyInfo>'
                f'{self.get("object", "")}</Signature>')

    def security(self, mark):
        return ('<wsse:Security s:mustUnderstand="1">' + self.timestamp() + self.token() +
                self.get("more_tokens", "") + mark + '</wsse:Security>')

    def sign(self, message):
        """message holds the security header with MARK where the signature belongs."""
        return message.replace(MARK, self.signature(message.replace(MARK, "")))


MARK = "@SIGNATURE@"


def envelope(header, url, action, body):
    return windows.ENVELOPE.format(action=action, to=url, security=header.security(MARK), body=body)


POLICY_ACTION = ("http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy/IPolicy/"
                 "GetPolicies")
POLICY_BODY = ('<GetPolicies xmlns="http://schemas.microsoft.com/windows/pki/2009/01/'
               'enrollmentpolicy" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><client>'
               '<lastUpdate xsi:nil="true"/><preferredLanguage xsi:nil="true"/></client>'
               '<requestFilter xsi:nil="true"/></GetPolicies>')
TOKEN_ACTION = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RST/wstep"


def token_body(csr, items):
    inner = "".join(f'<ac:ContextItem Name="{k}"><ac:Value>{v}</ac:Value></ac:ContextItem>'
                    for k, v in items if v is not None)
    return ('<wst:RequestSecurityToken><wst:TokenType>http://schemas.microsoft.com/5.0.0.0/'
            'ConfigurationManager/Enrollment/DeviceEnrollmentToken</wst:TokenType><wst:RequestType>'
            'http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue</wst:RequestType>'
            '<wsse:BinarySecurityToken ValueType="http://schemas.microsoft.com/windows/pki/2009/01/'
            f'enrollment#PKCS10" EncodingType="{windows.BASE64}">{base64.b64encode(csr).decode()}'
            '</wsse:BinarySecurityToken><ac:AdditionalContext xmlns="http://schemas.xmlsoap.org/ws/'
            f'2006/12/authorization">{inner}</ac:AdditionalContext></wst:RequestSecurityToken>')


def post(server, service, message):
    return windows.send(f"{server.public_url}/EnrollmentServer/{service}.svc", "POST",
                        message.encode() if isinstance(message, str) else message,
                        {"Content-Type": "application/soap+xml; charset=utf-8",
                         "User-Agent": "ENROLLClient"}, server.tls())


def policies_message(server, header):
    url = f"{server.public_url}/EnrollmentServer/Policy.svc"
    return header.sign(envelope(header, url, POLICY_ACTION, POLICY_BODY))


def token_message(server, header, csr, **items):
    url = f"{server.public_url}/EnrollmentServer/Enrollment.svc"
    body = token_body(csr, windows.context(kind="Full", **items))
    return header.sign(envelope(header, url, TOKEN_ACTION, body))
