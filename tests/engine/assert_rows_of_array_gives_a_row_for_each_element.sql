-- Each address of an interface becomes a row: a lost one would leave traffic without an owner, and a row
-- without an address would match nothing in silence.
with

cases as (
    select
        listed.case_name,
        listed.addresses
    from (
        values
        ('several', '10.0.0.1 10.0.0.2 10.0.0.1'),
        ('one', '10.0.0.9'),
        ('none', null)
    ) as listed (case_name, addresses)
),

addresses as (
    select
        cases.case_name,
        listed.address
    from cases
    cross join {{ rows_of_array("split(cases.addresses, ' ')") }} as listed (address)
),

counted as (
    select
        case_name,
        address,
        count(*) as row_count
    from addresses
    group by case_name, address
),

expected as (
    select
        listed.case_name,
        listed.address,
        listed.row_count
    from (
        values
        ('several', '10.0.0.1', 2),
        ('several', '10.0.0.2', 1),
        ('one', '10.0.0.9', 1)
    ) as listed (case_name, address, row_count)
)

select
    counted.row_count,
    expected.row_count as expected_row_count
from counted
full outer join expected
    on
        counted.case_name = expected.case_name
        and counted.address = expected.address
where counted.row_count is distinct from expected.row_count
