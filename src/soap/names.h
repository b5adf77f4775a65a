/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.h: the namespaces and URIs of the enrolment protocols, each written once. Only literals:
 * they are compared byte by byte on input and written as they stand on output.
 */
#ifndef MUSTER_SOAP_NAMES_H
#define MUSTER_SOAP_NAMES_H

#define NS_SOAP12        "http://www.w3.org/2003/05/soap-envelope"
#define NS_SOAP11        "http://schemas.xmlsoap.org/soap/envelope/"
#define NS_ADDRESSING    "http://www.w3.org/2005/08/addressing"
#define NS_DIAGNOSTICS   "http://schemas.microsoft.com/2004/09/ServiceModel/Diagnostics"
#define NS_WSS           "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
#define NS_WSU           NS_WSS "wssecurity-utility-1.0.xsd"
#define NS_WSSE          NS_WSS "wssecurity-secext-1.0.xsd"
#define NS_TRUST         "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
#define NS_AUTHORIZATION "http://schemas.xmlsoap.org/ws/2006/12/authorization"
#define NS_DSIG          "http://www.w3.org/2000/09/xmldsig#"
#define NS_XSI           "http://www.w3.org/2001/XMLSchema-instance"
#define NS_XSD           "http://www.w3.org/2001/XMLSchema"
#define NS_DISCOVERY     "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
#define NS_XCEP          "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"
#define NS_WSTEP         "http://schemas.microsoft.com/windows/pki/2009/01/enrollment"

#define URI_BASE64        NS_WSSE "#base64binary"
#define URI_CONFIGURATION "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/"
#define URI_USER_TOKEN    URI_CONFIGURATION "DeviceEnrollmentUserToken"
#define URI_DEVICE_TOKEN  URI_CONFIGURATION "DeviceEnrollmentToken"
#define URI_PROVISION     URI_CONFIGURATION "DeviceEnrollmentProvisionDoc"
#define URI_JWT           "urn:ietf:params:oauth:token-type:jwt"
#define URI_X509          NS_WSS "x509-token-profile-1.0#X509v3"
#define URI_PASSWORD_TEXT NS_WSS "username-token-profile-1.0#PasswordText"
#define URI_PKCS10        NS_WSTEP "#PKCS10"
#define URI_PKCS7         NS_WSSE "#PKCS7"
#define URI_PKCS7_OLD     NS_WSTEP "#PKCS7"
#define URI_ISSUE         NS_TRUST "/Issue"
#define URI_RENEW         NS_TRUST "/Renew"
#define URI_RECOVERY      NS_TRUST "/Recovery"

#endif
