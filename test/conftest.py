# SPDX-License-Identifier: Apache-2.0
"""Fixtures that every whole-program test may use."""

import pytest

from entra_sim import EntraSim
from tenancy import Site
from world import World, stores


@pytest.fixture(scope="module")
def entra_process(tmp_path_factory):
    """One stand-in for a whole module: starting it costs about a second."""
    with EntraSim(tmp_path_factory.mktemp("entra") / "run") as sim:
        yield sim


@pytest.fixture
def entra(entra_process):
    """The stand-in as new: nothing seeded, no faults, an empty log."""
    entra_process.reset()
    return entra_process


@pytest.fixture(params=stores())
def world(request, entra, tmp_path):
    """A served tenant, once on each store."""
    made = World(tmp_path, entra, request.param)
    yield made
    assert made.server.stop() == 0, made.server.log.read_text()[-3000:]


@pytest.fixture(scope="module", params=stores())
def site(request, entra_process, tmp_path_factory):
    """A server for the whole module, once on each store; each test brings a tenant of its own."""
    made = Site(tmp_path_factory.mktemp("site"), entra_process, request.param)
    yield made
    assert made.server.stop() == 0, made.server.log.read_text()[-3000:]
