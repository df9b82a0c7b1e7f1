-- One row per network interface and span of days in which nothing about it changed.
-- Adds the resource behind the interface, by the rules of the seeds, and the days from snapshot to snapshot.
-- Leaves out snapshots with a line that can't be read: what they lack proves nothing.
with

snapshot_lines as (
    select * from {{ ref('stg_inventory__network_interfaces') }}
),

kind_patterns as (
    select * from {{ ref('eni_kind_patterns') }}
),

interface_types as (
    select * from {{ ref('eni_interface_types') }}
),

snapshots as (
    select
        snapshot_account_id,
        region,
        snapshot_date,
        snapshot_at
    from snapshot_lines
    group by
        snapshot_account_id,
        region,
        snapshot_date,
        snapshot_at
    having count(case when not is_readable then 1 end) = 0
),

last_snapshots as (
    select
        snapshot_account_id,
        region,
        snapshot_date,
        max(snapshot_at) as snapshot_at
    from snapshots
    group by
        snapshot_account_id,
        region,
        snapshot_date
),

-- Days without a snapshot have no number: what was known the day before still holds on them.
numbered_snapshots as (
    select
        snapshot_account_id,
        region,
        snapshot_date,
        snapshot_at,
        row_number() over (
            partition by snapshot_account_id, region
            order by snapshot_date
        ) as snapshot_number,
        lead(snapshot_date) over (
            partition by snapshot_account_id, region
            order by snapshot_date
        ) as next_snapshot_date
    from last_snapshots
),

-- The owner of a shared VPC sees the interfaces of the accounts that take part in it
-- (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html): snapshots of the account that owns
-- the interface go before those of others, and those of one account and region are taken.
sightings as (
    select
        snapshot_lines.*,
        numbered_snapshots.snapshot_number,
        numbered_snapshots.next_snapshot_date,
        dense_rank() over (
            partition by snapshot_lines.interface_id
            order by
                snapshot_lines.account_id <> snapshot_lines.snapshot_account_id,
                snapshot_lines.snapshot_account_id,
                snapshot_lines.region
        ) as place_rank,
        row_number() over (
            partition by
                snapshot_lines.interface_id,
                snapshot_lines.snapshot_account_id,
                snapshot_lines.region,
                snapshot_lines.snapshot_date
            order by snapshot_lines.file_path, snapshot_lines.private_addresses nulls last
        ) as copy_number
    from snapshot_lines
    inner join numbered_snapshots
        on
            snapshot_lines.snapshot_account_id = numbered_snapshots.snapshot_account_id
            and snapshot_lines.region = numbered_snapshots.region
            and snapshot_lines.snapshot_at = numbered_snapshots.snapshot_at
    where snapshot_lines.interface_id is not null
),

chosen_sightings as (
    select
        *,
        coalesce(interface_type, '') as type_text,
        coalesce(description, '') as description_text,
        coalesce(requester_id, '') as requester_text,
        attachment_instance_id is not null as is_attached_to_instance
    from sightings
    where place_rank = 1 and copy_number = 1
),

-- The rules look at few different texts, however many interfaces and days there are.
different_texts as (
    select
        type_text,
        description_text,
        requester_text,
        is_attached_to_instance
    from chosen_sightings
    group by
        type_text,
        description_text,
        requester_text,
        is_attached_to_instance
),

matching_rules as (
    select
        different_texts.*,
        -- Empty text as null: so the seed's own file reads in a unit test.
        nullif(kind_patterns.resource_kind, '') as resource_kind,
        nullif(kind_patterns.extract_regex, '') as extract_regex,
        row_number() over (
            partition by
                different_texts.type_text,
                different_texts.description_text,
                different_texts.requester_text,
                different_texts.is_attached_to_instance
            order by kind_patterns.match_order
        ) as rule_rank
    from different_texts
    left join kind_patterns
        on
            case kind_patterns.attribute
                when 'attachment_instance_id' then different_texts.is_attached_to_instance
                when 'description_prefix'
                    then starts_with(different_texts.description_text, kind_patterns.pattern)
                when 'description_exact'
                    then different_texts.description_text = kind_patterns.pattern
                when 'requester_id' then different_texts.requester_text = kind_patterns.pattern
                when 'interface_type' then kind_patterns.pattern in ('*', different_texts.type_text)
                else false
            end
),

resources as (
    select
        matching_rules.type_text,
        matching_rules.description_text,
        matching_rules.requester_text,
        matching_rules.is_attached_to_instance,
        -- A rule without a kind leaves it to the type.
        coalesce(
            matching_rules.resource_kind, interface_types.resource_kind, 'network_interface'
        ) as resource_kind,
        {{ regex_first_group('matching_rules.description_text', 'matching_rules.extract_regex') }}
            as extracted_text
    from matching_rules
    left join interface_types
        on matching_rules.type_text = interface_types.interface_type
    where matching_rules.rule_rank = 1
),

-- A load balancer's id is the end of its ARN, which stands after "ELB " in the description:
-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
described_sightings as (
    select
        chosen_sightings.*,
        resources.resource_kind,
        case
            when
                resources.resource_kind = 'ec2_instance'
                and chosen_sightings.is_attached_to_instance
                then chosen_sightings.attachment_instance_id
            when
                resources.resource_kind = 'load_balancer'
                and starts_with(chosen_sightings.description_text, 'ELB ')
                then substr(chosen_sightings.description_text, 5)
            else coalesce(resources.extracted_text, chosen_sightings.interface_id)
        end as resource_id,
        case
            when resources.resource_kind = 'ec2_instance'
                then coalesce(chosen_sightings.instance_name, chosen_sightings.interface_name)
            when resources.resource_kind = 'load_balancer'
                then coalesce(resources.extracted_text, chosen_sightings.interface_name)
            else coalesce(chosen_sightings.interface_name, resources.extracted_text)
        end as resource_name,
        chosen_sightings.public_addresses is not null as has_public_address
    from chosen_sightings
    inner join resources
        on
            chosen_sightings.type_text = resources.type_text
            and chosen_sightings.description_text = resources.description_text
            and chosen_sightings.requester_text = resources.requester_text
            and chosen_sightings.is_attached_to_instance = resources.is_attached_to_instance
),

-- While an interface stays the same, the snapshot's number and its own count of equal sightings grow
-- together; a change, or a snapshot without it, changes their difference.
sightings_in_spans as (
    select
        *,
        snapshot_number - row_number() over (
            partition by
                interface_id,
                resource_id,
                resource_kind,
                resource_name,
                interface_type,
                private_addresses,
                public_addresses,
                ipv6_addresses,
                ipv4_prefixes,
                ipv6_prefixes,
                vpc_id,
                subnet_id,
                az_id,
                account_id
            order by snapshot_number
        ) as span_mark
    from described_sightings
),

spans as (
    select
        interface_id,
        resource_id,
        resource_kind,
        resource_name,
        interface_type,
        private_addresses,
        public_addresses,
        ipv6_addresses,
        ipv4_prefixes,
        ipv6_prefixes,
        has_public_address,
        vpc_id,
        subnet_id,
        az_id,
        account_id,
        region,
        min(snapshot_date) as valid_from,
        -- Null in the newest snapshot, and then the span has no end.
        case when count(next_snapshot_date) = count(*) then max(next_snapshot_date) end
            as first_day_after
    from sightings_in_spans
    group by
        interface_id,
        resource_id,
        resource_kind,
        resource_name,
        interface_type,
        private_addresses,
        public_addresses,
        ipv6_addresses,
        ipv4_prefixes,
        ipv6_prefixes,
        has_public_address,
        vpc_id,
        subnet_id,
        az_id,
        account_id,
        region,
        span_mark
)

select
    interface_id,
    valid_from,
    {{ day_before('first_day_after') }} as valid_to,
    resource_id,
    resource_kind,
    resource_name,
    interface_type,
    private_addresses,
    public_addresses,
    ipv6_addresses,
    ipv4_prefixes,
    ipv6_prefixes,
    has_public_address,
    vpc_id,
    subnet_id,
    az_id,
    account_id,
    region,
    'inventory' as knowledge_source
from spans
