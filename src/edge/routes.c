/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.c: every route of the server: method, path, listener, body limit, endpoint. Who may call
 * it is the listener's client certificate, the endpoint's own check of a token, or for /api/v1/ the
 * role in edge/api_rows.c. There is no other way in.
 */
#include "edge/routes.h"

#include "edge/api.h"
#include "edge/ep_auth.h"
#include "edge/ep_crl.h"
#include "edge/ep_enrollment.h"
#include "edge/ep_health.h"
#include "edge/ep_manage.h"
#include "edge/ep_terms.h"
#include "enroll/account.h"
#include "oidc/sign_in.h"
#include "terms/branding.h"

#define ON_PUBLIC  (1u << EDGE_PUBLIC)
#define ON_MANAGE  (1u << EDGE_MANAGE)
#define ON_CONSOLE (1u << EDGE_CONSOLE)
#define ON_METRICS (1u << EDGE_METRICS)

/* One endpoint: the tag is what edge_run calls. */
#define ROUTE_FOR(methods, path, listeners, limit, name, endpoint, wide)                           \
	{                                                                                          \
		methods, path, listeners, limit, edge_run,                                         \
		    &(const struct edge_route){name, endpoint}, wide                               \
	}
#define ROUTE(methods, path, listeners, limit, name, endpoint)                                     \
	ROUTE_FOR(methods, path, listeners, limit, name, endpoint, false)
/* The same below EnterpriseEnrollment.<domain>: the endpoint judges the domain. */
#define ROUTE_WIDE(methods, path, listeners, limit, name, endpoint)                                \
	ROUTE_FOR(methods, path, listeners, limit, name, endpoint, true)

#define ANY_API_METHOD (HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE)

static const struct http_route routes[] = {
    ROUTE(HTTP_GET | HTTP_HEAD, "/TermsOfUse", ON_PUBLIC, 0, "terms.show", ep_terms_show),
    ROUTE(HTTP_POST, "/TermsOfUse", ON_PUBLIC, LIMIT_BODY_FORM, "terms.decide", ep_terms_decide),
    ROUTE(HTTP_GET | HTTP_HEAD, TERMS_ASSETS_PATH "*", ON_PUBLIC, 0, "terms.asset", ep_terms_asset),
    ROUTE_WIDE(HTTP_GET | HTTP_HEAD, CONFIG_DISCOVERY_PATH, ON_PUBLIC | ON_MANAGE, 0,
	       "discovery.probe", ep_discovery_probe),
    ROUTE_WIDE(HTTP_POST, CONFIG_DISCOVERY_PATH, ON_PUBLIC | ON_MANAGE, LIMIT_BODY_SOAP,
	       "discovery", ep_discovery),
    ROUTE(HTTP_POST, "/EnrollmentServer/Policy.svc", ON_PUBLIC | ON_MANAGE, LIMIT_BODY_SOAP,
	  "policy", ep_policy),
    ROUTE(HTTP_POST, "/EnrollmentServer/Enrollment.svc", ON_PUBLIC | ON_MANAGE, LIMIT_BODY_SOAP,
	  "enrollment", ep_enrollment),
    ROUTE(HTTP_GET | HTTP_HEAD, CONFIG_CRL_PATH "/*", ON_PUBLIC, 0, "crl", ep_crl),
    ROUTE(HTTP_GET, ENROLL_PATH_AUTH, ON_PUBLIC, 0, "auth", ep_auth_begin),
    ROUTE(HTTP_GET, ENROLL_PATH_AUTH "/*", ON_PUBLIC, 0, "auth", ep_auth_begin),
    ROUTE(HTTP_POST, ENROLL_PATH_AUTH, ON_PUBLIC, LIMIT_BODY_FORM, "auth.post", ep_auth_post),
    ROUTE(HTTP_GET, SIGN_IN_PATH_RETURN, ON_PUBLIC, 0, "auth.return", ep_auth_return),
    ROUTE(HTTP_POST, SIGN_IN_PATH_RETURN, ON_PUBLIC, LIMIT_BODY_FORM, "auth.post", ep_auth_post),
    ROUTE(HTTP_POST, "/ManagementServer/MDM.svc", ON_MANAGE, LIMIT_BODY_SYNCML, "manage",
	  ep_manage),
    ROUTE(ANY_API_METHOD, "/api/v1/*", ON_CONSOLE, LIMIT_BODY_API, "api", ep_api),
    ROUTE(HTTP_GET | HTTP_HEAD, "/healthz", ON_METRICS, 0, "healthz", ep_health_live),
    ROUTE(HTTP_GET | HTTP_HEAD, "/readyz", ON_METRICS, 0, "readyz", ep_health_ready),
    ROUTE(HTTP_GET | HTTP_HEAD, "/metrics", ON_METRICS, 0, "metrics", ep_metrics),
};

const struct http_route *edge_routes(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(routes);
	return routes;
}
