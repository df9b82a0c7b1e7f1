"""The scenarios of the story. Each yields its records of one day, from a random stream of its own.

The truth file counts records by a scenario's function name.
"""

from collections.abc import Callable, Iterator

from sample_logs.cloudtrail.event_maker import EventMaker
from sample_logs.cloudtrail.records import Record
from sample_logs.cloudtrail.scenarios import (
    account_changes,
    delivery_faults,
    everyday,
    oddities,
    refusals,
    s3_objects,
    services,
    sign_ins,
)

SCENARIOS: tuple[Callable[[EventMaker], Iterator[Record]], ...] = (
    s3_objects.data_lake_requests,
    sign_ins.console_logins,
    sign_ins.root_logins,
    sign_ins.logins_without_mfa,
    sign_ins.failed_logins,
    everyday.console_browsing,
    everyday.monitoring,
    everyday.backups,
    everyday.deployments,
    everyday.instance_launches,
    everyday.pods,
    everyday.federated_users,
    everyday.identity_center_users,
    everyday.endpoint_calls,
    services.service_roles,
    services.service_events,
    services.shared_keys,
    services.internal_calls,
    services.global_services,
    refusals.access_denied_spree,
    refusals.everyday_refusals,
    refusals.throttled_calls,
    account_changes.harmless_changes,
    account_changes.intrusion,
    oddities.odd_user_agents,
    oddities.older_and_newer_versions,
    oddities.missing_fields,
    oddities.unreadable_records,
    delivery_faults.delivered_again,
    delivery_faults.delivered_late,
    delivery_faults.around_midnight,
    delivery_faults.corrected_later,
)
