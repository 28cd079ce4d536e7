"""Originals by content, fixity, bundles. Nothing in here deletes."""

from pipeline.archive.bundle import BundleItem, BundlePlan, build_bundle
from pipeline.archive.fixity import Fixity, check_fixity, digest_or_none, look
from pipeline.archive.names import safe_name
from pipeline.archive.store import Archive, Spooled, digest

__all__ = [
    "Archive",
    "BundleItem",
    "BundlePlan",
    "Fixity",
    "Spooled",
    "build_bundle",
    "check_fixity",
    "digest",
    "digest_or_none",
    "look",
    "safe_name",
]
