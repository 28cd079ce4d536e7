"""Originals by content, fixity, bundles. Nothing in here deletes."""

from pipeline.archive.bundle import Made, build_bundle
from pipeline.archive.fixity import Fixity, check_fixity, digest_or_none, look
from pipeline.archive.names import safe_name
from pipeline.archive.plan import Act, BundleItem, BundlePlan, Fonds, Relation, Rendered
from pipeline.archive.properties import Checked, Result, Trouble, Witness
from pipeline.archive.store import Archive, Spooled, digest

__all__ = [
    "Act",
    "Archive",
    "BundleItem",
    "BundlePlan",
    "Checked",
    "Fixity",
    "Fonds",
    "Made",
    "Relation",
    "Rendered",
    "Result",
    "Spooled",
    "Trouble",
    "Witness",
    "build_bundle",
    "check_fixity",
    "digest",
    "digest_or_none",
    "look",
    "safe_name",
]
