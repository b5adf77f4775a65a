# SPDX-License-Identifier: Apache-2.0
"""Check that every include points down and that third-party headers stay where they belong.

The two tables below are the rule (design: ARCHITECTURE.md, Layers). A folder may include its own
headers and those of the folders listed for it. A third-party header may be included only from
paths that match one of its patterns. Unit tests (test_*.c) obey the same table; in addition they
may use cmocka and, to make keys and certificates, OpenSSL.

usage: check_layers.py [ROOT]      report each violation as file:line, exit 1 if there are any
       check_layers.py --self-test  make a tree with one violation of each kind and find them all
"""

import fnmatch
import os
import re
import sys
import tempfile

L0 = ["base"]
L1 = ["model", "xml", "soap", "syncml", "jwt", "x509", "xmldsig", "csp", "html"]
L2 = ["http", "store", "signer", "ldap"]
L3 = ["entra", "oidc", "terms", "enroll", "manage", "comply", "graph", "admin"]
L4 = ["edge"]
BELOW_L3 = L0 + L1 + L2

# folder -> what it may include besides itself: folders, or single headers.
LAYERS = {
    "base": [],
    "model": L0,
    "xml": L0 + ["model"],
    "soap": L0 + ["model", "xml"],
    "syncml": L0 + ["model", "xml"],
    "jwt": L0 + ["model"],
    "x509": L0 + ["model"],
    "xmldsig": L0 + ["model"],
    "csp": L0 + ["model", "syncml"],
    "html": L0,
    "http": L0 + ["model"],
    "store": L0 + ["model"],
    "signer": L0 + ["model", "x509"],
    "ldap": L0 + ["model"],
    "entra": BELOW_L3,
    "oidc": BELOW_L3 + ["entra"],
    "terms": BELOW_L3,
    "enroll": BELOW_L3 + ["entra"],
    "manage": BELOW_L3 + ["comply"],
    "comply": BELOW_L3,
    "graph": BELOW_L3 + ["entra"],
    "admin": BELOW_L3 + ["entra", "oidc", "terms", "comply", "manage"],
    "edge": BELOW_L3 + L3,
    "musterd": BELOW_L3 + L3 + L4,
    "muster": L0 + ["http/client.h"],
    # The simulators do not use our codecs: a mistake made alike in reader and writer must not
    # pass a test.
    "sim/entra": L0 + ["http"],
    "sim/device": L0 + ["http"],
    "fuzz": L0 + L1 + L2 + L3 + L4,
    "bench": L0 + L1 + L2 + L3 + L4,
}

# third-party header -> where it may be included.
FENCES = {
    "expat.h": ["src/xml/*", "sim/*"],
    "event2/*": ["src/http/*"],
    "event.h": [],
    "evhttp.h": [],
    "llhttp.h": ["src/http/*"],
    "llhttp/*": ["src/http/*"],
    "curl/*": ["src/http/client*"],
    "libpq-fe.h": ["src/store/db_postgres*"],
    "libpq/*": ["src/store/db_postgres*"],
    "sqlite3.h": ["src/store/db_sqlite*"],
    "jansson.h": ["src/base/json*"],
    "argon2.h": ["src/base/password*"],
    "ldap.h": ["src/ldap/*"],
    "lber.h": ["src/ldap/*"],
    "openssl/*": ["src/jwt/*", "src/x509/*", "src/signer/*", "src/http/tls*", "src/base/*",
                  "sim/*", "src/*/test_*", "fuzz/*"],
    "ini.h": ["src/musterd/*", "src/muster/*"],
    "yaml.h": ["src/muster/*"],
    "cmocka.h": ["src/*/test_*", "sim/*/test_*"],
    "libxml/*": ["src/xmldsig/*"],
    "libxslt/*": [],
    "xmlsec/*": ["src/xmldsig/*"],
    "jwt.h": [],
    "microhttpd.h": [],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
TOPS = ("src", "sim", "fuzz", "bench")


def folder_of(path):
    """The folder a file counts as in LAYERS: src/xml/a.c is xml, sim/entra/a.c is sim/entra."""
    parts = path.split("/")
    if parts[0] == "src":
        return parts[1] if len(parts) > 2 else ""
    if parts[0] == "sim":
        return "/".join(parts[:2]) if len(parts) > 2 else "sim"
    return parts[0]


def check_own(path, header):
    """The complaint about #include "header" in path, or None."""
    folder = folder_of(path)
    if folder not in LAYERS:
        return f"the folder {folder or path} is not in the table of layers"
    rooted = header.split("/")[0] in TOPS
    target = folder_of(header if rooted else "src/" + header)
    if "/" not in header:
        return f'"{header}" must be written with its folder'
    if target == folder or target in LAYERS[folder] or header in LAYERS[folder]:
        return None
    return f'{folder} may not include "{header}"'


def check_foreign(path, header):
    """The complaint about #include <header> in path, or None."""
    for pattern, places in FENCES.items():
        if fnmatch.fnmatch(header, pattern):
            if not any(fnmatch.fnmatch(path, place) for place in places):
                return f"<{header}> may not be included here"
    return None


def check_file(root, path):
    """All complaints about one file as (line, text)."""
    found = []
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as source:
        for number, line in enumerate(source, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, header = match.groups()
            # Libraries are fenced however they are spelled.
            complaint = check_foreign(path, header)
            if not complaint and quote == '"':
                complaint = check_own(path, header)
            if complaint:
                found.append((number, complaint))
    return found


def sources(root):
    for top in TOPS:
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), root)


def check_tree(root):
    return [(path, line, text) for path in sources(root) for line, text in check_file(root, path)]


SELF_TEST = [
    # path, include line, whether it is a violation
    ("src/base/a.c", '#include "base/b.h"', False),
    ("src/base/b.c", '#include "model/tenant.h"', True),
    ("src/xml/a.c", "#include <expat.h>", False),
    ("src/soap/a.c", '#include "xml/read.h"', False),
    ("src/soap/b.c", "#include <expat.h>", True),
    ("src/xmldsig/a.c", "#include <xmlsec/xmldsig.h>", False),
    ("src/xmldsig/b.c", "#include <libxml/tree.h>", False),
    ("src/xmldsig/c.c", '#include "soap/envelope.h"', True),
    ("src/soap/c.c", "#include <libxml/tree.h>", True),
    ("src/enroll/b.c", "#include <xmlsec/xmlsec.h>", True),
    ("src/xml/b.c", '#include "soap/envelope.h"', True),
    ("src/jwt/a.c", '#include "x509/cert.h"', True),
    ("src/jwt/b.c", '# include  "http/client.h"', True),
    ("src/store/a.c", '#include "xml/xml_read.h"', True),
    ("src/store/db_sqlite_writer.c", "#include <sqlite3.h>", False),
    ("src/store/device.c", "#include <sqlite3.h>", True),
    ("src/store/db_sqlite.c", "#include <libpq-fe.h>", True),
    ("src/http/client_tls.c", "#include <curl/curl.h>", False),
    ("src/http/server.c", "#include <curl/curl.h>", True),
    ("src/http/server_tls.c", "#include <openssl/ssl.h>", True),
    ("src/http/tls_context.c", "#include <openssl/ssl.h>", False),
    ("src/http/server_loop.c", "#include <event2/event.h>", False),
    ("src/edge/a.c", "#include <event2/event.h>", True),
    ("src/edge/b.c", '#include "manage/step.h"', False),
    ("src/manage/a.c", '#include "edge/run.h"', True),
    ("src/manage/b.c", '#include "comply/rules.h"', False),
    ("src/comply/a.c", '#include "manage/step.h"', True),
    ("src/enroll/a.c", '#include "entra/tokens.h"', False),
    ("src/terms/a.c", '#include "entra/tokens.h"', True),
    ("src/terms/b.c", "#include <openssl/evp.h>", True),
    ("src/terms/test_b.c", "#include <openssl/evp.h>", False),
    ("src/terms/c.c", "#include <cmocka.h>", True),
    ("src/muster/a.c", '#include "http/client.h"', False),
    ("src/muster/b.c", '#include "http/server.h"', True),
    ("src/muster/c.c", '#include "model/device.h"', True),
    ("src/musterd/a.c", '#include "edge/run.h"', False),
    ("src/admin/a.c", '#include "jansson.h"', True),
    ("src/enroll/b.c", "#include <argon2.h>", True),
    ("src/ldap/a.c", "#include <ldap.h>", False),
    ("src/enroll/c.c", "#include <ldap.h>", True),
    ("src/ldap/b.c", '#include "store/device.h"', True),
    ("src/admin/b.c", '#include "run.h"', True),
    ("src/unheard_of/a.c", '#include "base/arena.h"', True),
    ("sim/entra/a.c", '#include "sim/entra/keys.h"', False),
    ("sim/entra/b.c", '#include "sim/device/tree.h"', True),
    ("sim/device/a.c", '#include "syncml/read.h"', True),
    ("sim/device/b.c", "#include <expat.h>", False),
    ("fuzz/a.c", '#include "xml/xml_read.h"', False),
    ("fuzz/b.c", '#include "musterd/config.h"', True),
]


def self_test():
    with tempfile.TemporaryDirectory() as root:
        for path, line, _ in SELF_TEST:
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as out:
                out.write(f"/* head */\n{line}\n")
        found = {(path, line) for path, line, _ in check_tree(root)}
    expected = {(path, 2) for path, _, bad in SELF_TEST if bad}
    for path, line in sorted(found ^ expected):
        print(f"check_layers self-test: {path}:{line} is judged wrongly")
    return 1 if found != expected else 0


def main(args):
    if args == ["--self-test"]:
        return self_test()
    root = args[0] if args else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = check_tree(root)
    for path, line, text in found:
        print(f"{path}:{line}: {text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
