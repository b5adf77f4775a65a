# SPDX-License-Identifier: Apache-2.0
"""Different joinings are different stories, however they are interleaved."""

import uuid

import pytest

import windows
from test_stories import name_of, steps, stories, story_of
from world import FACTS

ENDS = {"accept": "open", "decline": "refused"}


class Page:
    """A Terms of Use page in a window of its own."""

    def __init__(self, tenant, user=None, mode=None, request_id=None):
        self.tenant = tenant
        self.id = request_id or str(uuid.uuid4())
        shown = windows.terms_get(tenant.server, tenant.terms_token(user), mode=mode,
                                  **{"client-request-id": self.id})
        self.state = windows.terms_state(shown)

    def decide(self, what):
        reply = windows.terms_post(self.tenant.server, self.state, what)
        return windows.redirect_query(reply).get("OpaqueBlob")

    def story(self):
        return story_of(self.tenant.site, self.id)


def policy(tenant, device, user=None):
    token = tenant.enroll_token(device, user)
    reply = windows.get_policies(tenant.server, windows.jwt_security(token))
    assert reply.status == 200
    return token


def enroll(tenant, token, blob, kind="Full"):
    return windows.enroll(tenant.server, token, blob, kind, key=tenant.site.key())


# Pages of one user

@pytest.mark.parametrize("first,second", [("accept", "decline"), ("decline", "accept"),
                                          ("accept", "accept"), ("decline", "decline")])
@pytest.mark.parametrize("is_crossed", [False, True])
def test_pages_of_one_user_do_not_mix(site, first, second, is_crossed):
    tenant = site.tenant()
    one, two = Page(tenant), Page(tenant)
    for page, what in ((two, second), (one, first)) if is_crossed else ((one, first),
                                                                       (two, second)):
        page.decide(what)
    for page, what in ((one, first), (two, second)):
        story = page.story()
        assert story["state"] == ENDS[what]
        assert {a["client_request_id"] for a in story["attempts"]} == {page.id}
        assert [a["stage"] for a in story["attempts"]] == ["terms", "terms"]
    assert len(stories(tenant)) == 2
    declined = stories(tenant, state="refused")
    assert {s["client_request_id"] for s in declined} == {
        page.id for page, what in ((one, first), (two, second)) if what == "decline"}


def test_a_page_that_was_declined_is_not_gone_on(site):
    """The other window's device asks for the certificate."""
    tenant = site.tenant()
    good, bad = Page(tenant), Page(tenant)
    blob = good.decide("accept")
    bad.decide("decline")
    device = tenant.new_device()
    enroll(tenant, policy(tenant, device), blob)
    assert steps(bad.story()) == [("terms", "ok"), ("terms", "refused")]
    assert steps(good.story()) == [("terms", "ok"), ("terms", "ok"), ("policy", "ok"),
                                   ("request", "ok")]
    assert good.story()["entra_device_id"] == device


WHOLE = [("policy", "ok"), ("request", "ok"), ("session", "ok"), ("terms", "ok"), ("terms", "ok")]


@pytest.mark.parametrize("order", ["in turn", "crossed", "policies late"])
def test_two_devices_of_one_user_at_once(site, order):
    """Which page a device came from only its consent says."""
    tenant = site.tenant()
    pages = [Page(tenant), Page(tenant)]
    blobs = [page.decide("accept") for page in pages]
    devices = [tenant.new_device(), tenant.new_device()]
    ways = {"in turn": (0, 1), "crossed": (1, 0), "policies late": (0, 1)}[order]
    if order == "policies late":
        enrolled = {at: enroll(tenant, policy(tenant, devices[at]), blobs[at]) for at in ways}
    else:
        tokens = {at: policy(tenant, devices[at]) for at in ways}
        enrolled = {at: enroll(tenant, tokens[at], blobs[at]) for at in (0, 1)}
    for at in (1, 0):
        windows.run_session(enrolled[at], values=FACTS)
    assert len(stories(tenant)) == 2
    for page, device in zip(pages, devices):
        story = page.story()
        assert sorted(steps(story)) == WHOLE
        assert {a["entra_device_id"] for a in story["attempts"]} - {""} == {device}
        assert {a["client_request_id"] for a in story["attempts"]} - {""} == {page.id}
        assert story["state"] == "joined"


def test_a_policy_that_may_be_of_either_page_is_of_neither(site):
    tenant = site.tenant()
    pages = [Page(tenant), Page(tenant)]
    for page in pages:
        page.decide("accept")
    device = tenant.new_device()
    policy(tenant, device)
    assert [len(page.story()["attempts"]) for page in pages] == [2, 2]
    assert steps(story_of(site, device)) == [("policy", "ok")]


def test_one_device_that_is_joined_again(site):
    """The second joining of the same user and device is a story of its own."""
    tenant = site.tenant()
    device = tenant.new_device()
    found = []
    for _ in range(2):
        page = Page(tenant)
        blob = page.decide("accept")
        windows.run_session(enroll(tenant, policy(tenant, device), blob), values=FACTS)
        found.append(page.story())
    assert [sorted(steps(story)) for story in found] == [WHOLE, WHOLE]
    assert found[0]["id"] != found[1]["id"] and len(stories(tenant)) == 2


# A client-request-id is the client's to choose

def test_a_request_id_that_comes_again_begins_a_new_story(site):
    tenant = site.tenant()
    first = Page(tenant)
    device = tenant.new_device()
    windows.run_session(enroll(tenant, policy(tenant, device), first.decide("accept")),
                        values=FACTS)
    done = story_of(site, device)
    again = Page(tenant, request_id=first.id)
    again.decide("decline")
    assert story_of(site, done["id"]) == done
    newest, oldest = stories(tenant)
    assert oldest["id"] == done["id"]
    assert steps(newest) == [("terms", "ok"), ("terms", "refused")]
    # And once more, up to the certificate.
    third = Page(tenant, request_id=first.id)
    other_device = tenant.new_device()
    enroll(tenant, policy(tenant, other_device), third.decide("accept"))
    assert story_of(site, done["id"]) == done
    for story in stories(tenant):
        told = story["summary"]
        assert not ("came to its first session" in told and "has not come" in told), told
        assert len({a["entra_device_id"] for a in story["attempts"]} - {""}) <= 1


def test_the_request_id_of_a_page_wins_over_the_requests_own(site):
    """The consent proves which page it was; the header is anybody's."""
    tenant = site.tenant()
    page, stranger = Page(tenant), Page(tenant)
    blob = page.decide("accept")
    token = policy(tenant, tenant.new_device())
    reply = windows.request_token(
        site.server, windows.jwt_security(token), windows.csr_der(site.key()),
        windows.context(blob, "Full"), headers={"client-request-id": stranger.id})
    assert reply.status == 200, reply.body
    assert ("request", "ok") in steps(page.story())
    assert steps(stranger.story()) == [("terms", "ok")]


@pytest.mark.parametrize("until", ["request", "session"])
def test_a_used_consent_is_not_of_the_story_it_was_used_in(site, until):
    """Another device of the same user sends the consent of one that is enrolled."""
    tenant = site.tenant()
    page = Page(tenant)
    blob = page.decide("accept")
    enrolled = enroll(tenant, policy(tenant, tenant.new_device()), blob)
    if until == "session":
        windows.run_session(enrolled, values=FACTS)
    before = page.story()
    device = tenant.new_device()
    fault = windows.Fault(tenant.post(policy(tenant, device), blob, kind="Full"))
    assert story_of(site, before["id"]) == before == story_of(site, before["device_id"])
    other = story_of(site, fault.trace_id)
    assert other["id"] != before["id"]
    assert steps(other) == [("policy", "ok"), ("request", "refused")]
    assert other["attempts"][1]["reason"] == "terms_used"
    assert (other["entra_device_id"], other["device_id"]) == (device, "")


def test_an_equal_request_is_of_the_same_story(site):
    tenant = site.tenant()
    page = Page(tenant)
    blob = page.decide("accept")
    token, key = policy(tenant, tenant.new_device()), site.key()
    device_id = uuid.uuid4().hex.upper()
    for _ in range(2):
        windows.enroll(site.server, token, blob, "Full", key=key, dm_device_id=device_id)
    assert [s for s, _ in steps(page.story())].count("request") == 2
    assert len(stories(tenant)) == 1


# Discoveries of earlier tries

def test_a_story_takes_only_its_own_discovery(site):
    tenant = site.tenant()
    for _ in range(3):
        windows.discover(site.server, email=name_of(tenant))
    device = tenant.new_device()
    token = policy(tenant, device)
    enroll(tenant, token, Page(tenant).decide("accept"))
    story = story_of(site, device)
    assert [s for s, _ in steps(story)].count("discovery") == 1
    windows.discover(site.server, email=name_of(tenant))
    again = tenant.new_device()
    policy(tenant, again)
    assert steps(story_of(site, again)) == [("discovery", "ok"), ("policy", "ok")]
    assert [s for s, _ in steps(story_of(site, device))].count("discovery") == 1


def test_a_discovery_from_before_the_page_is_of_an_earlier_try(site):
    tenant = site.tenant()
    windows.discover(site.server, email=name_of(tenant))
    page = Page(tenant)
    page.decide("accept")
    policy(tenant, tenant.new_device())
    assert steps(page.story()) == [("terms", "ok"), ("terms", "ok"), ("policy", "ok")]
