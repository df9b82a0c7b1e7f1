"""Generated networks with a known truth, for tests of attribution and counting.

A lab runs topologies (`network_lab.topologies`, one function each) for two days, and writes what their flow logs hold
in one record format. It also says what a correct reader must find. Neither comes from SQL or from the project's models:
a topology tells which packets go from which interface to which, leg by leg, and beside it who caused which egress.

    from network_lab import V5_FIELDS, NetworkLab, alb, nat

    lab = NetworkLab(topologies=[nat, alb], fields=V5_FIELDS, with_inventory=True)
    lab.write(project.logs)                                  # flow log files and inventory snapshots below LOGS
    project.dbt("build", variables=lab.variables()).check()  # an instance of DuckdbProject
    truth = lab.truth()                                      # lists of dicts, in the order of their keys
    assert project.rows("fct_internet_egress_daily") == truth["internet_egress_daily"]

- Topologies: `TOPOLOGIES` has all of them. Their networks, interfaces and private addresses differ, so any of them go
  together; the default is all.
- Formats: `V2_FIELDS` (the default format), `V3_FIELDS`, `V4_FIELDS`, `V5_FIELDS`, `V11_FIELDS`. The truth is the same
  in all of them. What can be known of it differs: in the default format without an inventory no record tells which
  client caused the bytes of a NAT gateway, and a zone is known from version 4 on, the other end's from version 11 on.
- Files: text, gzip, with a header line; the default format lies in `vpc-flow-logs/`, every other in
  `vpc-flow-logs-custom/`. `overlapping_flow_logs` uses both: its second flow log is always in the default format.
- Vars: `lab.variables()` has vpc_flow_logs_default_path, vpc_flow_logs_custom_path, vpc_flow_logs_custom_fields (these
  two not for the default format), vpc_flow_logs_account_ids, vpc_flow_logs_regions and first_log_date.
- Inventory: `network-interfaces/<account>/<region>/YYYY/MM/DD/`, a snapshot each midnight, or at another
  time of the day (`inventory_taken_at`), with `with_inventory=True`.
- Truth: the tables and their columns are described in `network_lab.truth`. The days are 2026-11-01 and 2026-11-02.
- `lab.events` has the whole story, with the records of interfaces that no flow log records; `lab.written` has what is
  written.

`network_lab.aws_documented_examples` holds AWS's own example records, and what they mean.
"""

from network_lab.formats import FORMATS, V2_FIELDS, V3_FIELDS, V4_FIELDS, V5_FIELDS, V11_FIELDS
from network_lab.lab import NetworkLab
from network_lab.topologies import TOPOLOGIES, Topology
from network_lab.topologies.flow_log_cases import (
    no_data_and_skipped_data,
    overlapping_flow_logs,
    rejected,
    shared_subnet,
)
from network_lab.topologies.inside import (
    cross_zone_both_logged,
    cross_zone_one_logged,
    gateway_endpoint_present,
    interface_endpoint,
    ipv6_inside,
    peering,
    vpn,
)
from network_lab.topologies.load_balancers import alb, nlb_client_address_preserved
from network_lab.topologies.nat_gateways import (
    address_reused,
    chained_nat,
    gateway_endpoint_absent,
    nat,
    nat_only_clients_logged,
    nat_only_gateway_logged,
    transit_gateway_nat,
)
from network_lab.topologies.public_addresses import ipv6_egress_only, prefix_delegation, public_instance

__all__ = (
    "FORMATS",
    "TOPOLOGIES",
    "V2_FIELDS",
    "V3_FIELDS",
    "V4_FIELDS",
    "V5_FIELDS",
    "V11_FIELDS",
    "NetworkLab",
    "Topology",
    "address_reused",
    "alb",
    "chained_nat",
    "cross_zone_both_logged",
    "cross_zone_one_logged",
    "gateway_endpoint_absent",
    "gateway_endpoint_present",
    "interface_endpoint",
    "ipv6_egress_only",
    "ipv6_inside",
    "nat",
    "nat_only_clients_logged",
    "nat_only_gateway_logged",
    "nlb_client_address_preserved",
    "no_data_and_skipped_data",
    "overlapping_flow_logs",
    "peering",
    "prefix_delegation",
    "public_instance",
    "rejected",
    "shared_subnet",
    "transit_gateway_nat",
    "vpn",
)
