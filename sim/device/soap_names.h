/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soap_names.h: the namespaces, actions and type names of MS-MDE2, MS-XCEP and MS-WSTEP as they
 * are on the wire (enrollment.md section 0).
 */
#ifndef MUSTER_SIM_DEVICE_SOAP_NAMES_H
#define MUSTER_SIM_DEVICE_SOAP_NAMES_H

#define NS_SOAP       "http://www.w3.org/2003/05/soap-envelope"
#define NS_ADDRESSING "http://www.w3.org/2005/08/addressing"
#define NS_UTILITY                                                                                 \
	"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
#define NS_SECURITY                                                                                \
	"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
#define NS_TRUST         "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
#define NS_AUTHORIZATION "http://schemas.xmlsoap.org/ws/2006/12/authorization"
#define NS_DISCOVERY     "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
#define NS_POLICY        "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"
#define NS_ENROLLMENT    "http://schemas.microsoft.com/windows/pki/2009/01/enrollment"
#define NS_XSI           "http://www.w3.org/2001/XMLSchema-instance"
#define NS_XSD           "http://www.w3.org/2001/XMLSchema"

#define ACTION_DISCOVER NS_DISCOVERY "/IDiscoveryService/Discover"
#define ACTION_POLICIES NS_POLICY "/IPolicy/GetPolicies"
#define ACTION_REQUEST  NS_ENROLLMENT "/RST/wstep"

#define ACTION_DISCOVER_REPLY NS_DISCOVERY "/IDiscoveryService/DiscoverResponse"
#define ACTION_POLICIES_REPLY NS_POLICY "/IPolicy/GetPoliciesResponse"
#define ACTION_REQUEST_REPLY  NS_ENROLLMENT "/RSTRC/wstep"

/* Windows sends the same ones every time. */
#define MESSAGE_DISCOVER "urn:uuid:748132ec-a575-4329-b01b-6171a9cf8478"
#define MESSAGE_POLICIES "urn:uuid:72048B64-0F19-448F-8C2E-B4C661860AA0"
#define MESSAGE_REQUEST  "urn:uuid:0d5a1441-5891-453b-becf-a2e5f6ea3749"

#define TYPE_BASE64    NS_SECURITY "#base64binary"
#define TYPE_JWT       "urn:ietf:params:oauth:token-type:jwt"
#define TYPE_PKCS10    NS_ENROLLMENT "#PKCS10"
#define TYPE_PKCS7     NS_SECURITY "#PKCS7"
#define TYPE_PKCS7_MDE "http://schemas.microsoft.com/windows/pki/2009/01/enrollment#PKCS7"
#define TYPE_X509                                                                                  \
	"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509"
#define TYPE_PREFIX       "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/"
#define TYPE_DEVICE_TOKEN TYPE_PREFIX "DeviceEnrollmentToken"
#define TYPE_USER_TOKEN   TYPE_PREFIX "DeviceEnrollmentUserToken"
#define TYPE_DOCUMENT     TYPE_PREFIX "DeviceEnrollmentProvisionDoc"
#define TYPE_PASSWORD                                                                              \
	"http://docs.oasis-open.org/wss/2004/01/"                                                  \
	"oasis-200401-wss-username-token-profile-1.0#PasswordText"

#define REQUEST_ISSUE NS_TRUST "/Issue"
#define REQUEST_RENEW NS_TRUST "/Renew"

#endif
