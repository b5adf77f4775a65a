# SPDX-License-Identifier: Apache-2.0
"""Each reason that the source can give for a refused attempt is in the table that tells
administrators what to do, and the table has no reason that nothing gives."""

import re

from muster import ROOT

GIVES = re.compile(r"\b(?:refuse|refuse_known|enrolment_refuse|visit_refuse|federated_refuse"
                   r"|soap_call_refuse|enroll_attempt_refuse_known)"
                   r"\([^;]*;|\b(?:ret_)?reason = [^;]*;")
NAME = re.compile(r'"([a-z][a-z0-9_]+)"')


def sources():
    for folder in ("terms", "enroll", "edge"):
        for path in sorted((ROOT / "src" / folder).glob("*.c")):
            text = path.read_text()
            if path.name.startswith(("test_", "api_")) or path.name == "reason.c":
                continue
            if folder != "edge" or '"enroll/reason.h"' in text or '"edge/soap_call.h"' in text:
                yield path, text


def table():
    text = (ROOT / "src/enroll/reason.c").read_text()
    return set(re.findall(r'^    \{"([a-z0-9_]+)",', text, re.M))


def given():
    """reason: the file that gives it"""
    found = {}
    for path, text in sources():
        for match in GIVES.finditer(text):
            # One that brings its own remedy is not looked up.
            if text[:match.start()].endswith(("attempt->", "attempt.")):
                continue
            for name in NAME.findall(match.group(0)):
                found[name] = path.name
    redirect = (ROOT / "src/terms/redirect_uri.c").read_text()
    array = re.search(r"reasons\[\] = \{(.*?)\};", redirect, re.S).group(1)
    found.update({name: "redirect_uri.c" for name in NAME.findall(array)})
    csr = (ROOT / "src/x509/csr.c").read_text()
    array = re.search(r"names\[\] = \{(.*?)\};", csr, re.S).group(1)
    found.update({f"csr_{name}": "csr.c" for name in NAME.findall(array)})
    rules = (ROOT / "src/oidc/rules.c").read_text()
    array = re.search(r"names\[OIDC_VERDICT_COUNT\] = \{(.*?)\};", rules, re.S).group(1)
    found.update({f"id_token_{name}": "rules.c" for name in NAME.findall(array) if name != "ok"})
    auth = (ROOT / "src/edge/ep_auth.c").read_text()
    array = re.search(r"endings\[\] = \{(.*?)\n\};", auth, re.S).group(1)
    found.update({name: "ep_auth.c" for name in re.findall(r'"(sign_in_[a-z_]+)"', array)})
    found["server_error"] = "reason.c"
    return found


def brought():
    """Reasons that come with a remedy of their own."""
    found = set()
    for path in sorted((ROOT / "src").glob("*/*.c")):
        if path.parent.name in ("terms", "enroll", "edge", "manage"):
            found |= set(re.findall(r'attempt(?:->|\.)reason = "([a-z0-9_]+)"', path.read_text()))
    return found


def test_every_reason_is_in_the_table():
    reasons = given()
    assert len(reasons) > 40, reasons  # the search still finds them
    missing = {name: where for name, where in reasons.items() if name not in table()}
    assert missing == {}


def test_the_table_has_no_reason_that_nothing_gives():
    assert table() - set(given()) - brought() == set()


def test_the_unit_test_knows_them_all():
    text = (ROOT / "src/enroll/test_reason.c").read_text()
    known = set(NAME.findall(re.search(r"names\[\] = \{(.*?)\};", text, re.S).group(1)))
    assert known == {name for name in table() if not name.startswith("csr_")}
