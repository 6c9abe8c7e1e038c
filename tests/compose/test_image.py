"""The image: small, closed, the same each time, and honest about what is in it."""

import json
import tarfile

import pytest
from stack import IMAGES, ROOT, run

IMAGE = IMAGES["ATBALSTS_IMAGE"]
MEGABYTE = 1000 * 1000
# What a container needs no part of: compilers, shells, package managers and their caches.
UNWANTED = ("bin/sh", "bin/bash", "bin/dash", "bin/gcc", "bin/cc", "bin/apt", "bin/apt-get",
            "bin/dpkg", "bin/perl", "var/lib/apt", "var/lib/dpkg", "var/cache", "src")


@pytest.fixture(scope="module")
def described(stack):
    return json.loads(run("docker", "image", "inspect", IMAGE))[0]


@pytest.fixture(scope="module")
def root(stack):
    """Every file of the image: name to content (None for a folder or a link)."""
    container = run("docker", "create", IMAGE).strip()
    try:
        archive = stack.folder / "image.tar"
        run("docker", "export", "--output", archive, container)
    finally:
        run("docker", "rm", container)
    with tarfile.open(archive) as tar:
        files = {member.name: tar.extractfile(member).read() if member.isfile() else None
                 for member in tar}
    archive.unlink()
    return files


def test_it_is_small(described, figure):
    figure(f"image {described['Size'] / MEGABYTE:.1f} MB")
    assert described["Size"] <= 150 * MEGABYTE


def test_it_holds_no_shell_no_compiler_and_no_package_manager(root):
    assert "usr/bin/atbalsts" in root
    for path in root:
        inner = path.removeprefix("usr/")
        assert not any(inner == name or inner.startswith(f"{name}/") for name in UNWANTED), path


def test_it_runs_as_a_number_without_rights_and_looks_after_itself(described):
    config = described["Config"]
    user, _, group = config["User"].partition(":")
    assert int(user) > 0 and int(group) > 0
    assert config["Healthcheck"]["Test"] == ["CMD", "/usr/bin/atbalsts", "healthcheck"]
    assert config["Entrypoint"] == ["/usr/bin/atbalsts"]


def test_its_labels_say_what_it_is(described):
    labels = described["Config"]["Labels"]
    for name in ("title", "description", "version", "revision", "created", "base.name"):
        assert labels[f"org.opencontainers.image.{name}"]


def test_the_bill_of_materials_names_the_package_of_each_library(root):
    """SPDX 2.3, and both ways: no library without its package, no package without a file."""
    spdx = json.loads(root["usr/share/atbalsts/sbom.spdx.json"])
    assert (spdx["spdxVersion"], spdx["dataLicense"]) == ("SPDX-2.3", "CC0-1.0")
    names = {package["name"] for package in spdx["packages"]}
    ids = {package["SPDXID"] for package in spdx["packages"]}
    assert len(ids) == len(spdx["packages"]) > 20
    for package in spdx["packages"]:
        purls = [ref["referenceLocator"] for ref in package.get("externalRefs", [])]
        if package["name"] != "atbalsts":
            assert purls[0].startswith("pkg:deb/debian/")
    related = {link["relatedSpdxElement"] for link in spdx["relationships"]}
    assert related == ids
    assert {"libc6", "libpq5", "libulfius2.7", "libmicrohttpd12", "libsodium23", "libsystemd0",
            "libmagic1", "libmagic-mgc", "libzip4", "tzdata"} <= names
    libraries = [path for path in root if ".so" in path and root[path] is not None]
    assert len(libraries) >= len(names) - 2


def test_the_same_sources_make_the_same_binary_elsewhere(root):
    """Built once more from nothing in another folder, in the stage that made the first."""
    stage = run("docker", "build", "--quiet", "--network", "host", "--target", "build",
                "--file", "deploy/Dockerfile", ".", cwd=ROOT).split()[-1]
    rebuild = ("cp -r /src /elsewhere && cd /elsewhere && rm -rf build && "
               "make -j2 build >/dev/null && strip --strip-all -o /out build/atbalsts && cat /out")
    again = run("docker", "run", "--rm", "--network", "none", stage, "sh", "-c", rebuild,
                text=False)
    assert root["usr/bin/atbalsts"] == again
