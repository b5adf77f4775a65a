# SPDX-License-Identifier: Apache-2.0
"""A device that renews its certificate (MS-MDE2 3.6.5), for tests that bend each part of it."""

import base64

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7

import windows

PKCS7_LEARN = ("http://docs.oasis-open.org/wss/2004/01/"
               "oasis-200401-wss-wssecurity-secext-1.0.xsd#PKCS7")
PKCS7_MDE = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment#PKCS7"
ACTION = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RST/wstep"


def cms(certificate, key, content, digest=None, *options):
    """SignedData around the content. More options: NoCerts, NoAttributes, DetachedSignature."""
    flags = [pkcs7.PKCS7Options.Binary]
    if pkcs7.PKCS7Options.NoAttributes not in options:
        flags.append(pkcs7.PKCS7Options.NoCapabilities)
    return (pkcs7.PKCS7SignatureBuilder().set_data(content)
            .add_signer(certificate, key, digest or hashes.SHA256())
            .sign(serialization.Encoding.DER, flags + list(options)))


def post(server, message, items=(), public=False, security="", value_type=PKCS7_LEARN, layers=1,
         context=None):
    """A renewal as it is answered. context: the TLS context to use."""
    text = base64.b64encode(message)
    for _ in range(layers - 1):
        text = base64.b64encode(text)
    more = "".join(f'<ac:ContextItem Name="{k}"><ac:Value>{v}</ac:Value></ac:ContextItem>'
                   for k, v in items)
    body = ('<wst:RequestSecurityToken><wst:TokenType>http://schemas.microsoft.com/5.0.0.0/'
            'ConfigurationManager/Enrollment/DeviceEnrollmentToken</wst:TokenType>'
            '<wst:RequestType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/Renew'
            f'</wst:RequestType><wsse:BinarySecurityToken ValueType="{value_type}" '
            f'EncodingType="{windows.BASE64}">{text.decode()}</wsse:BinarySecurityToken>'
            '<ac:AdditionalContext xmlns="http://schemas.xmlsoap.org/ws/2006/12/authorization">'
            f'{more}</ac:AdditionalContext></wst:RequestSecurityToken>')
    base = server.public_url if public else server.manage_url
    return windows.soap(f"{base}/EnrollmentServer/Enrollment.svc", ACTION, body, security, context)


def ask(device, key, public=False, message=None, device_id=None, context=None, digest=None,
        **more):
    """This device asks to renew with that key; the reply."""
    message = message if message is not None else cms(device.certificate, device.key,
                                                      windows.csr_der(key), digest)
    items = [("DeviceID", device_id or device.dm_device_id), ("DeviceType", "CIMClient_Windows"),
             ("EnrollmentType", "Device"), ("OSVersion", "10.0.22631.4460")]
    if context is None:
        context = device.server.tls() if public else device.tls()
    return post(device.server, message, items, public, context=context, **more)


class Renewed(windows.Enrolled):
    """The same device with what a renewal gave it."""

    def __init__(self, device, key, reply, store="System"):
        document = windows.provisioning(reply)
        super().__init__(device.server, key, document, store, device.dm_device_id)


def renew(device, key, store="System", **more):
    return Renewed(device, key, ask(device, key, **more), store)
