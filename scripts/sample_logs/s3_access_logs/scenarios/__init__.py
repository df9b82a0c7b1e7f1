"""The scenarios of the story. Each yields its records of one day, from a random stream of its own.

The truth file counts lines by a scenario's function name.
"""

from collections.abc import Callable, Iterator

from sample_logs.s3_access_logs.records import Record
from sample_logs.s3_access_logs.request_maker import RequestMaker
from sample_logs.s3_access_logs.scenarios import (
    copies,
    delivery_faults,
    downloads,
    looking_up,
    oddities,
    refusals,
    removals,
    uploads,
    website,
)

SCENARIOS: tuple[Callable[[RequestMaker], Iterator[Record]], ...] = (
    downloads.heavy_downloads,
    downloads.growing_downloads,
    downloads.ordinary_downloads,
    downloads.part_downloads,
    downloads.unchanged_objects,
    downloads.anonymous_downloads,
    downloads.presigned_downloads,
    downloads.private_network_downloads,
    downloads.ipv6_downloads,
    downloads.huge_downloads,
    downloads.broken_off_downloads,
    website.website_visits,
    website.website_checks,
    looking_up.object_heads,
    looking_up.bucket_heads,
    looking_up.listings,
    looking_up.settings_reads,
    looking_up.object_settings,
    uploads.ordinary_uploads,
    uploads.refused_uploads,
    uploads.form_uploads,
    uploads.multipart_uploads,
    uploads.abandoned_uploads,
    copies.object_copies,
    copies.refused_copies,
    copies.part_copies,
    copies.copies_within_a_bucket,
    removals.deletes,
    removals.multi_object_deletes,
    removals.lifecycle_actions,
    refusals.refused_reads,
    refusals.missing_objects,
    refusals.service_errors,
    oddities.odd_keys,
    oddities.unpleasant_lines,
    oddities.older_and_newer_formats,
    oddities.unreadable_lines,
    delivery_faults.delivered_again,
    delivery_faults.batch_deletes_delivered_again,
    delivery_faults.delivered_late,
    delivery_faults.around_midnight,
)
