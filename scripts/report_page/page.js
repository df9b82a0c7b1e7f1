"use strict";
// Draws the report from the data in the page. Text from logs enters the page as text nodes and attribute values only.
(() => {
  const report = JSON.parse(document.getElementById("data").textContent);
  const OTHERS = "others";
  const MOST_SHOWN = 10;
  const MOST_COLORS = 6; // the seventh is for what is left

  // --- Data -------------------------------------------------------------------------------------------------------
  // A row is [day, place, entity, measure ..]. Sums are BigInt: bytes of a large account do not fit into a Number.
  const parts = {};
  for (const [name, part] of Object.entries(report.parts)) {
    parts[name] = {
      ...part,
      rows: part.rows.map((row) => [
        ...row.slice(0, 3),
        ...row.slice(3).map((value) => (value === null ? null : BigInt(value))),
      ]),
      text: (entity, column) => part.entities[entity][part.texts.indexOf(column)],
      isRest: (entity) => part.entities[entity].at(-1) > 0,
      restCount: part.entities.reduce((count, entity) => count + entity.at(-1), 0),
      column: (measure) => 3 + part.measures.indexOf(measure),
    };
  }

  const chosen = { from: 0, to: report.day_count - 1, account: "", region: "" };

  const placeName = (place) => [...new Set(report.places[place])].join(" ");

  function isChosenPlace(place) {
    const [account, region] = report.places[place];
    return (!chosen.account || account === chosen.account) && (!chosen.region || region === chosen.region);
  }

  function chosenRows(name) {
    const places = report.places.map((_, place) => isChosenPlace(place));
    return parts[name].rows.filter(([day, place]) => day >= chosen.from && day <= chosen.to && places[place]);
  }

  const chosenDays = () => Array.from({ length: chosen.to - chosen.from + 1 }, (_, index) => chosen.from + index);

  function sum(rows, column) {
    return rows.reduce((total, row) => total + (row[column] ?? 0n), 0n);
  }

  function groups(rows, key) {
    const found = new Map();
    for (const row of rows) {
      const value = key(row);
      if (!found.has(value)) found.set(value, []);
      found.get(value).push(row);
    }
    return found;
  }

  const byAmount = (a, b) => (a.amount < b.amount ? 1 : a.amount > b.amount ? -1 : 0);
  const distinct = (values) => [...new Set(values)];

  // The values of a column, largest first by the whole report, so that a filter changes no color; null, what is added up.
  function largest(name, column, measure) {
    const part = parts[name];
    return [...groups(part.rows, ([, , entity]) => part.text(entity, column))]
      .map(([key, rows]) => ({ key, amount: key === null ? -1n : sum(rows, part.column(measure)) }))
      .sort(byAmount)
      .map(({ key }) => key);
  }

  // --- Words and numbers ------------------------------------------------------------------------------------------
  const WORDS = {
    internet_gateway: "Internet gateway",
    ipv6_gateway: "IPv6 gateway",
    nat_gateway: "NAT gateway",
    load_balancer: "Load balancer",
    s3: "S3 itself",
    s3_bucket: "S3 bucket",
    ec2_instance: "EC2 instance",
    cross_az: "Between zones",
    internet_egress: "To the internet",
    inter_region_egress: "To other regions",
    nat_gateway_processing: "NAT gateway processing",
    transit_gateway_processing: "Transit gateway processing",
    interface_endpoint_processing: "Interface endpoint processing",
    vpc_peering_cross_az: "VPC peering between zones",
    intra_region_public_ip: "Public addresses within a region",
    s3_same_region: "S3, same region",
    to_cloudfront: "To CloudFront",
    cross_az_via_privatelink_or_tgw: "Between zones by PrivateLink or transit gateway",
    not_billed: "Not billed",
    vpc_flow_logs: "VPC flow logs",
    s3_access_logs: "S3 access logs",
    cloudtrail: "CloudTrail",
    internet: "the internet",
    DYNAMODB: "DynamoDB",
    CLOUDFRONT: "CloudFront",
    GLOBALACCELERATOR: "Global Accelerator",
    AMAZON: "other AWS service",
  };
  const words = (code) => (Object.hasOwn(WORDS, code) ? WORDS[code] : code);
  const whole = (value) => value.toLocaleString("en-US");
  const decimals = (value, places) =>
    value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });

  // GB of 10^9 bytes, as print_findings has them.
  function gigabytes(bytes) {
    if (bytes === 0n) return "0";
    const value = Number(bytes) / 1e9;
    return value < 0.05 ? "< 0.1" : decimals(value, 1);
  }
  function money(billionths) {
    if (billionths === 0n) return "0.00";
    const value = Number(billionths) / 1e9;
    return value < 0.005 ? "< 0.01" : decimals(value, 2);
  }
  function percent(part, total) {
    if (total === 0n) return "-";
    const value = (Number(part) / Number(total)) * 100;
    if (value > 0 && value < 0.5) return "< 1\u00a0%";
    return value >= 99.5 && part < total ? "> 99\u00a0%" : `${decimals(value, 0)}\u00a0%`;
  }
  const plural = (count, one, many) => `${whole(count)} ${BigInt(count) === 1n ? one : many}`;
  const listed = (texts) =>
    texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;

  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const first = report.first_day === null ? 0 : Date.parse(`${report.first_day}T00:00:00Z`);
  const dateOf = (day) => new Date(first + day * 86400000);
  const isoDay = (day) => dateOf(day).toISOString().slice(0, 10);
  const dayOf = (iso) => Math.round((Date.parse(`${iso}T00:00:00Z`) - first) / 86400000);
  const shortDay = (day) => `${dateOf(day).getUTCDate()} ${MONTHS[dateOf(day).getUTCMonth()]}`;
  // With the year where the days chosen lie in two.
  const dayName = (day) =>
    dateOf(chosen.from).getUTCFullYear() === dateOf(chosen.to).getUTCFullYear() ? shortDay(day) : longDay(day);
  const longDay = (day) => `${shortDay(day)} ${dateOf(day).getUTCFullYear()}`;

  // --- Elements ---------------------------------------------------------------------------------------------------
  function element(name, attributes = {}, ...children) {
    const made = name.startsWith("svg:")
      ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4))
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // A number to read, with the exact one behind it.
  const exact = (value, text, unit) =>
    element("data", { value: String(value), title: `${whole(value)} ${unit}` }, text);
  const bytesCell = (bytes) => ({ number: true, content: exact(bytes, gigabytes(bytes), "bytes") });
  const moneyCell = (billionths, currency, isNamed = false) => ({
    number: true,
    content:
      billionths === null
        ? "-"
        : element(
            "data",
            { value: String(billionths), title: `${whole(billionths)} billionths of a ${currency}` },
            `${isNamed ? `${currency}\u00a0` : ""}${money(billionths)}`,
          ),
  });
  const countCell = (count) => ({ number: true, content: element("data", { value: String(count) }, whole(count)) });
  const dayCell = (day) => ({ day: true, content: isoDay(day) });
  const numberText = (text) => ({ number: true, content: text });

  function cell(name, what) {
    const { number, day, content } = typeof what === "string" || what === null ? { content: what ?? "-" } : what;
    return element(
      name,
      { class: number ? "number" : day ? "day" : "text", ...(name === "th" ? { scope: "col" } : {}) },
      content,
    );
  }

  // A table behind a summary; its rows are made when it is opened or printed, because there may be many.
  const open = new Set();
  const fillers = new WeakMap();
  function details(id, caption, columns, makeRows) {
    const body = element("tbody");
    const made = element(
      "details",
      open.has(id) ? { open: "" } : {},
      element("summary", {}, caption),
      element(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
        element(
          "table",
          { id: `table-${id}` },
          element("thead", {}, element("tr", {}, ...columns.map((column) => cell("th", column)))),
          body,
        ),
      ),
    );
    const fill = () => {
      if (!body.children.length)
        body.append(...makeRows().map((row) => element("tr", {}, ...row.map((what) => cell("td", what)))));
    };
    fillers.set(made, fill);
    if (made.open) fill();
    made.addEventListener("toggle", () => {
      if (made.open) {
        fill();
        open.add(id);
      } else open.delete(id);
    });
    return made;
  }

  function section(id, kicker, title, ...content) {
    document
      .getElementById(id)
      .replaceChildren(
        ...(kicker ? [element("p", { class: "kicker" }, kicker)] : []),
        element("h2", {}, ...[title].flat()),
        ...content.flat().filter(Boolean),
      );
  }
  // A name from the logs, whose direction of writing turns nothing around it.
  const isolated = (text) => element("bdi", {}, text);
  const note = (...texts) => element("p", { class: "note" }, ...texts);
  const absent = (text) => element("p", { class: "absent" }, text);

  function hasLog(source) {
    return parts.coverage.entities.some((_, entity) => parts.coverage.text(entity, "log_source") === source);
  }
  const logs = (source) => (source === "cloudtrail" ? "CloudTrail logs" : words(source));
  const noLogs = (source) => `There are no ${logs(source)} in this warehouse.`;
  // Why there is nothing to show: no such logs at all, nothing of the kind, or not in what is chosen.
  function whyNothing(name, source, none) {
    if (parts[name].rows.length) return "Nothing of it in what is chosen above.";
    return hasLog(source) ? none : noLogs(source);
  }

  // The largest, each with a bar, and one line for all others. Columns: name, cell (of an item's value), value (of an item)
  // and its total; a column without a total has nothing to say of the others.
  function ranked(id, what, columns, found, { restCount = 0, noun = [], most = MOST_SHOWN } = {}) {
    const shown = found.slice(0, most);
    const scale = Math.max(1, ...shown.map(({ amount }) => Number(amount)));
    const row = (name, secondary, amount, cells, kind) => {
      const bar = element("i");
      bar.style.width = `${Math.min(100, (Number(amount) / scale) * 100)}%`;
      return element(
        "tr",
        kind ? { class: kind } : {},
        element(
          "td",
          {},
          name,
          ...(secondary ? [element("span", { class: "secondary" }, secondary)] : []),
          element("span", { class: "bar", "aria-hidden": "true" }, bar),
        ),
        ...cells.map((content) => cell("td", content)),
      );
    };
    const left = columns.map(({ value, total }) =>
      total === undefined ? 0n : shown.reduce((amount, item) => amount - value(item), total),
    );
    const count = found.length - shown.length + restCount;
    return element(
      "table",
      { class: "ranked", id: `ranked-${id}` },
      element(
        "thead",
        {},
        element("tr", {}, cell("th", what), ...columns.map(({ name }) => cell("th", numberText(name)))),
      ),
      element(
        "tbody",
        {},
        ...shown.map((item) =>
          row(
            item.name,
            item.secondary,
            item.amount,
            columns.map((column) => column.cell(column.value(item), item)),
          ),
        ),
        ...(count || left[0] > 0n
          ? [
              row(
                count ? plural(count, `more ${noun[0]}`, `more ${noun[1]}`) : OTHERS,
                null,
                left[0],
                columns.map((column, index) =>
                  column.total === undefined ? numberText("") : column.cell(left[index]),
                ),
                "rest",
              ),
            ]
          : []),
      ),
    );
  }
  const amountOf = ({ amount }) => amount;
  const bytesColumn = (name, total, value = amountOf) => ({ name, value, total, cell: bytesCell });
  const countColumn = (name, total, value = amountOf) => ({ name, value, total, cell: countCell });
  const shareColumn = (total) => ({
    name: "share",
    value: amountOf,
    total,
    cell: (amount) => numberText(percent(amount, total)),
  });

  // --- Bars per day -----------------------------------------------------------------------------------------------
  // Weeks where days would be too thin to see.
  function bins(width) {
    const days = chosenDays();
    if (days.length <= width / 5) return days.map((day) => ({ from: day, to: day, label: longDay(day) }));
    const weeks = groups(days, (day) => Math.floor((first / 86400000 + day + 3) / 7)); // 1970-01-01 was a Thursday
    return [...weeks.values()].map((week) => ({
      from: week[0],
      to: week.at(-1),
      label: `${shortDay(week[0])} to ${longDay(week.at(-1))}`,
    }));
  }

  function niceStep(top) {
    const power = 10 ** Math.floor(Math.log10(top / 4 || 1));
    return [1, 2, 5, 10].map((factor) => factor * power).find((step) => top / step <= 4.5) ?? power;
  }

  const charts = new Map();
  // Series: name, values (BigInt by day). `scale` makes a value a number in the unit of the axis.
  function stackedBars(id, { series, unit, scale, format, label, distrusted }) {
    const holder = element("div", { class: "chart", id: `chart-${id}` });
    const all = series.filter(({ values }) => values.size);
    const legend = element(
      "ul",
      { class: "legend" },
      ...all.map(({ name, color, values }) =>
        element(
          "li",
          {},
          element("span", { class: `swatch color-${color}` }),
          element("span", {}, name),
          element("span", { class: "kicker" }, format([...values.values()].reduce((a, b) => a + b, 0n))),
        ),
      ),
    );
    const isMarked = (bin) => {
      for (let day = bin.from; day <= bin.to; day++) if (distrusted.has(day)) return true;
      return false;
    };
    if (chosenDays().some((day) => distrusted.has(day))) {
      legend.append(element("li", {}, element("span", { class: "mark" }, "!"), "do not rely on it"));
    }
    const drawing = element("div");
    const readout = element(
      "p",
      { class: "readout", "aria-live": "polite" },
      "Point at a bar for its numbers, or use the arrow keys.",
    );
    holder.append(legend, drawing, readout);

    function draw() {
      const width = Math.max(280, holder.clientWidth || 1040);
      const [left, right, top, bottom, height] = [52, 6, 22, 36, 240];
      const columns = bins(width - left - right).map((bin) => {
        const amounts = all.map(({ values }) => {
          let amount = 0n;
          for (let day = bin.from; day <= bin.to; day++) amount += values.get(day) ?? 0n;
          return amount;
        });
        return { ...bin, amounts, total: amounts.reduce((a, b) => a + b, 0n) };
      });
      const most = Math.max(...columns.map(({ total }) => scale(total)), 0) || 1;
      const step = niceStep(most);
      const ceiling = Math.ceil(most / step) * step;
      const y = (value) => top + (height - top - bottom) * (1 - value / ceiling);
      const pitch = (width - left - right) / columns.length;
      const gap = Math.min(pitch * 0.25, 16);
      const thickness = Math.min(pitch - gap, 72);
      const middle = (index) => left + pitch * (index + 0.5);
      const svg = element("svg:svg", {
        viewBox: `0 0 ${width} ${height}`,
        preserveAspectRatio: "xMinYMid",
        role: "img",
        tabindex: "0",
        "aria-label": `${label} The table below has the numbers.`,
      });
      const places = step < 1 ? Math.min(6, Math.ceil(-Math.log10(step))) : 0;
      for (let value = 0; value <= ceiling + step / 2; value += step) {
        svg.append(
          element("svg:line", { x1: left, x2: width - right, y1: y(value), y2: y(value) }),
          element("svg:text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, decimals(value, places)),
        );
      }
      svg.append(element("svg:text", { x: left - 8, y: 11, "text-anchor": "end" }, unit));
      const every = Math.ceil(52 / pitch);
      const bands = columns.map((column, index) => {
        const band = element("svg:rect", {
          class: "band",
          x: left + pitch * index,
          y: top - 6,
          width: pitch,
          height: height - top - bottom + 6,
        });
        svg.append(band);
        let below = 0;
        column.amounts.forEach((amount, number) => {
          const value = scale(amount);
          if (value <= 0) return;
          const tall = y(below) - y(below + value);
          svg.append(
            element("svg:rect", {
              class: `color-${all[number].color}`,
              "data-series": all[number].name,
              "data-day": isoDay(column.from),
              x: middle(index) - thickness / 2,
              y: y(below + value),
              width: thickness,
              height: Math.max(tall - (tall > 3 ? 1 : 0), 0.5),
            }),
          );
          below += value;
        });
        if (index % every === 0) {
          svg.append(
            element("svg:text", { x: middle(index), y: height - 18, "text-anchor": "middle" }, shortDay(column.from)),
          );
        }
        if (isMarked(column)) {
          svg.append(
            element(
              "svg:text",
              { class: "mark", x: middle(index), y: height - 3, "text-anchor": "middle" },
              pitch < 6 ? "'" : "!",
            ),
          );
        }
        return band;
      });
      let current = -1;
      function show(index) {
        if (index < 0 || index >= columns.length || index === current) return;
        bands[current]?.classList.remove("current");
        current = index;
        bands[current].classList.add("current");
        const column = columns[index];
        const texts = all
          .map(({ name }, number) => [name, column.amounts[number]])
          .filter(([, amount]) => amount > 0n)
          .flatMap(([name, amount], number) => [number ? ", " : ": ", isolated(name), ` ${format(amount)}`]);
        readout.replaceChildren(
          `${column.label}: ${format(column.total)}`,
          ...(texts.length > 3 ? texts : []),
          isMarked(column) ? ". Do not rely on it." : "",
        );
      }
      svg.addEventListener("pointermove", (event) => {
        const box = svg.getBoundingClientRect();
        show(Math.floor((((event.clientX - box.left) / box.width) * width - left) / pitch));
      });
      svg.addEventListener("pointerdown", (event) => svg.dispatchEvent(new PointerEvent("pointermove", event)));
      svg.addEventListener("keydown", (event) => {
        const target = {
          ArrowLeft: Math.max(current, 1) - 1,
          ArrowRight: current + 1,
          Home: 0,
          End: columns.length - 1,
        }[event.key];
        if (target === undefined) return;
        event.preventDefault();
        show(Math.min(target, columns.length - 1));
      });
      drawing.replaceChildren(
        svg,
        ...(columns.some(({ from, to }) => from < to)
          ? [element("p", { class: "kicker" }, "One bar is a week, Monday to Sunday.")]
          : []),
      );
    }
    charts.set(id, { holder, draw });
    return holder;
  }

  function drawCharts() {
    for (const { holder, draw } of charts.values()) draw(holder);
  }

  // Series of a column's values, the first MOST_COLORS with a color each.
  function seriesOf(name, rows, measure, column, order) {
    const part = parts[name];
    const kept = order.slice(0, MOST_COLORS).filter((key) => key !== null);
    const byName = groups(rows, ([, , entity]) =>
      kept.includes(part.text(entity, column)) ? part.text(entity, column) : null,
    );
    return [...kept, null].map((key, index) => ({
      name: key === null ? "all others" : words(key),
      color: key === null ? MOST_COLORS : index,
      values: new Map(
        [...groups(byName.get(key) ?? [], ([day]) => day)].map(([day, found]) => [
          day,
          sum(found, part.column(measure)),
        ]),
      ),
    }));
  }

  function dayTable(id, caption, series, format, unit) {
    const shown = series.filter(({ values }) => values.size);
    return details(
      id,
      caption,
      ["UTC day", ...[...shown.map(({ name }) => name), "all"].map((name) => numberText(`${name}, ${unit}`))],
      () =>
        chosenDays().map((day) => {
          const amounts = shown.map(({ values }) => values.get(day) ?? 0n);
          return [dayCell(day), ...amounts.map(format), format(amounts.reduce((a, b) => a + b, 0n))];
        }),
    );
  }

  // --- Days to trust ----------------------------------------------------------------------------------------------
  const SOURCES = ["vpc_flow_logs", "s3_access_logs", "cloudtrail"];

  // By log and day: complete, incomplete or missing, and why.
  function coverage() {
    const part = parts.coverage;
    const rows = chosenRows("coverage");
    const value = (found, measure) => sum(found, part.column(measure));
    return SOURCES.filter(hasLog).map((source) => {
      const own = rows.filter(([, , entity]) => part.text(entity, "log_source") === source);
      const byDay = groups(own, ([day]) => day);
      // Flow logs have records of silent interfaces, too: a place without any between its first and last day has a hole.
      const spans =
        source !== "vpc_flow_logs"
          ? []
          : [
              ...groups(
                part.rows.filter(
                  ([, place, entity]) => part.text(entity, "log_source") === source && isChosenPlace(place),
                ),
                ([, place]) => place,
              ),
            ].map(([place, found]) => ({
              place,
              days: new Set(found.map(([day]) => day)),
              from: found[0][0],
              to: found.at(-1)[0],
            }));
      const days = new Map();
      for (let day = chosen.from; own.length && day <= chosen.to; day++) {
        const found = byDay.get(day) ?? [];
        const reasons = [];
        const tell = (count, one, many) => {
          if (count > 0n) reasons.push(plural(count, one, many));
        };
        tell(value(found, "unreadable_file_count"), "file can't be read", "files can't be read");
        tell(value(found, "unreadable_count"), "record can't be read", "records can't be read");
        tell(
          value(found, "skipped_count"),
          "record says that AWS left records out",
          "records say that AWS left records out",
        );
        if (source === "vpc_flow_logs")
          tell(value(found, "gap_hour_count"), "hour without records", "hours without records");
        for (const { place, days: seen, from, to } of spans) {
          if (found.length && day > from && day < to && !seen.has(day))
            reasons.push(`nothing from ${placeName(place)}`);
        }
        const isIncomplete = value(found, "incomplete_count") > 0n;
        if (isIncomplete && !reasons.length) reasons.push("late records may still come");
        const status = !found.length
          ? "missing"
          : isIncomplete || reasons.some((reason) => reason.startsWith("nothing from"))
            ? "incomplete"
            : "complete";
        days.set(day, {
          status,
          reasons: status === "missing" ? ["nothing arrived"] : status === "complete" ? [] : reasons,
          found,
        });
      }
      return { source, days };
    });
  }

  let trust = [];
  function distrustedDays(...sources) {
    return new Set(
      trust
        .filter(({ source }) => sources.includes(source))
        .flatMap(({ days }) => [...days].filter(([, { status }]) => status !== "complete").map(([day]) => day)),
    );
  }

  // --- Sections ---------------------------------------------------------------------------------------------------
  const toGigabytes = (bytes) => Number(bytes) / 1e9;
  const inGigabytes = (bytes) => `${gigabytes(bytes)}\u00a0GB`;

  function items(name, measure, describe) {
    const part = parts[name];
    const rows = chosenRows(name);
    const found = [...groups(rows, ([, , entity]) => entity)]
      .filter(([entity]) => !part.isRest(entity))
      .map(([entity, own]) => ({
        entity,
        rows: own,
        amount: sum(own, part.column(measure)),
        ...describe((column) => part.text(entity, column), own),
      }))
      .sort(byAmount);
    return { part, rows, total: sum(rows, part.column(measure)), found };
  }

  function placesOf(rows) {
    return distinct(rows.map(([, place]) => placeName(place))).join(", ");
  }

  function senderItems() {
    return items("senders", "byte_count", (text) => ({
      name: text("sender_name") ?? text("sender_id"),
      kind: words(text("sender_kind")),
      secondary: [
        text("sender_name") === null || text("sender_name") === text("sender_id") ? null : text("sender_id"),
        words(text("sender_kind")),
        text("exit_path") === "s3" ? null : `by ${words(text("exit_path"))}`,
      ]
        .filter(Boolean)
        .join(" · "),
    }));
  }

  // Cost by currency: sums, and the bytes that have no price.
  function costs() {
    const part = parts.costs;
    const rows = chosenRows("costs");
    const priced = rows.filter((row) => row[part.column("estimated_cost")] !== null);
    const currencies = [...groups(priced, ([, , entity]) => part.text(entity, "currency"))]
      .map(([currency, own]) => ({ currency, rows: own, amount: sum(own, part.column("estimated_cost")) }))
      .sort(byAmount);
    const unpriced = rows.filter((row) => row[part.column("estimated_cost")] === null);
    return {
      part,
      rows,
      currencies,
      unpriced: sum(unpriced, part.column("byte_count")),
      classes: (own) =>
        [...groups(own, ([, , entity]) => part.text(entity, "traffic_class"))]
          .map(([traffic, found]) => ({ traffic, rows: found, amount: sum(found, part.column("estimated_cost")) }))
          .sort(byAmount),
    };
  }

  function avoidable() {
    const part = parts.nat;
    const rows = chosenRows("nat").filter(([, , entity]) => part.text(entity, "is_avoidable") === "true");
    return {
      part,
      rows,
      bytes: sum(rows, part.column("processed_byte_count")),
      currencies: [
        ...groups(
          rows.filter((row) => row[part.column("avoidable_cost")] !== null),
          ([, , entity]) => part.text(entity, "currency"),
        ),
      ]
        .map(([currency, own]) => ({ currency, rows: own, amount: sum(own, part.column("avoidable_cost")) }))
        .filter(({ amount }) => amount > 0n)
        .sort(byAmount),
    };
  }

  const priceTag = ({ currency, amount }) => `${currency}\u00a0${money(amount)}`;

  // What a class of transfer is, within a sentence, and what helps against its cost.
  const CLASSES = {
    cross_az: ["traffic between zones", "Put the two ends that talk most into one zone where that is possible."],
    vpc_peering_cross_az: [
      "peering between zones",
      "Put the two ends that talk most into one zone where that is possible.",
    ],
    internet_egress: [
      "traffic to the internet",
      "Look at the largest senders first, and whether they need to send that much.",
    ],
    inter_region_egress: ["traffic to other regions", "Keep what is read often in the region that reads it."],
    intra_region_public_ip: [
      "traffic by public addresses within a region",
      "Let the two ends talk by private addresses.",
    ],
    nat_gateway_processing: ["NAT gateway processing", "Look at which clients need the gateway."],
    interface_endpoint_processing: [
      "interface endpoint processing",
      "S3 and DynamoDB have gateway endpoints, which cost nothing.",
    ],
  };
  const classOf = (code) => (Object.hasOwn(CLASSES, code) ? CLASSES[code] : [words(code), ""]);

  function answer(id, label, value, secondary, kind = "") {
    return element(
      "div",
      { class: `answer ${kind}`, id: `answer-${id}` },
      element("p", { class: "kicker" }, label),
      element("p", { class: `value ${kind}` }, value),
      element("p", { class: "kicker" }, secondary),
    );
  }

  function drawAnswers() {
    const egress = parts.egress;
    const rows = chosenRows("egress");
    const amount = (only) =>
      sum(
        rows.filter(([, , entity]) => only(entity)),
        egress.column("byte_count"),
      );
    const left = amount(() => true);
    const toInternet = amount((entity) => egress.text(entity, "destination") === "internet");
    const { found } = senderItems();
    const { currencies, unpriced, classes } = costs();
    const saved = avoidable();
    const bad = distrustedDays(...SOURCES);
    const dayCount = chosen.to - chosen.from + 1;
    const top = currencies.length ? classes(currencies[0].rows)[0] : null;
    const canTell = hasLog("vpc_flow_logs") || hasLog("s3_access_logs");
    document.getElementById("answers").replaceChildren(
      canTell
        ? answer(
            "left",
            "Left AWS",
            exact(left, inGigabytes(left), "bytes"),
            left
              ? `${inGigabytes(toInternet)} to the internet, ${inGigabytes(left - toInternet)} to public addresses of AWS services`
              : "The logs show nothing that left",
          )
        : answer("left", "Left AWS", "unknown", "Only VPC flow logs and S3 access logs can tell"),
      found.length
        ? answer(
            "sender",
            "Sent most",
            found[0].name,
            `${found[0].kind}: ${inGigabytes(found[0].amount)}, ${percent(found[0].amount, left)} of all`,
            "name",
          )
        : answer("sender", "Sent most", canTell ? "nobody" : "unknown", ""),
      answer(
        "cost",
        "Estimated transfer cost",
        currencies.length ? currencies.map(priceTag).join(" + ").replaceAll("\u00a0", " ") : "unknown",
        [
          top && top.amount > 0n ? `${percent(top.amount, currencies[0].amount)} for ${classOf(top.traffic)[0]}` : null,
          unpriced > 0n ? `${inGigabytes(unpriced)} without a known price` : null,
        ]
          .filter(Boolean)
          .join("; "),
      ),
      answer(
        "avoidable",
        "Of it avoidable",
        saved.currencies.length
          ? saved.currencies.map(priceTag).join(" + ").replaceAll("\u00a0", " ")
          : hasLog("vpc_flow_logs") && !saved.rows.length
            ? "none"
            : "unknown",
        saved.rows.length
          ? `${inGigabytes(saved.bytes)} of S3 and DynamoDB through NAT gateways`
          : hasLog("vpc_flow_logs")
            ? "No S3 or DynamoDB of the own region through a NAT gateway"
            : "Only VPC flow logs can tell",
      ),
      trust.some(({ days }) => days.size)
        ? answer(
            "trust",
            "Days not to trust",
            `${bad.size} of ${dayCount}`,
            trust
              .filter(({ days }) => days.size)
              .map(
                ({ source, days }) =>
                  `${words(source)} ${[...days.values()].filter(({ status }) => status !== "complete").length}`,
              )
              .join(", "),
            bad.size ? "warn" : "",
          )
        : answer("trust", "Days not to trust", "unknown", "No logs"),
    );
  }

  function drawAdvice() {
    const advice = [];
    const link = (id, text) => element("a", { href: `#${id}` }, text);
    const { currencies, classes } = costs();
    for (const { currency, rows, amount } of currencies) {
      const [top] = classes(rows);
      if (!top || top.amount === 0n) continue;
      const [what, help] = classOf(top.traffic);
      advice.push([
        `${priceTag({ currency, amount: top.amount })} of ${priceTag({ currency, amount })} (${percent(top.amount, amount)}) is for `,
        isolated(what),
        `. ${help} `,
        link(
          top.traffic.includes("cross_az") && chosenRows("zones").length ? "zones" : "costs",
          top.traffic.includes("cross_az") ? "Zones" : "Costs",
        ),
      ]);
    }
    const saved = avoidable();
    if (saved.rows.length) {
      const services = distinct(saved.rows.map(([, , entity]) => saved.part.text(entity, "destination_service")))
        .filter((name) => name !== null)
        .map(words)
        .sort();
      const amount = saved.part.column("processed_byte_count");
      const [topPlace] = [...groups(saved.rows, ([, place]) => place)]
        .map(([place, own]) => ({ place, amount: sum(own, amount) }))
        .sort(byAmount);
      const client = natItems().found.find(({ isAvoidable }) => isAvoidable);
      const [account, region] = report.places[topPlace.place];
      advice.push([
        "Add gateway endpoints for ",
        listed(services.length ? services : ["S3 and DynamoDB"]),
        `, first in account ${account}, region ${region}. They cost nothing and save `,
        saved.currencies.length ? saved.currencies.map(priceTag).join(" and ") : inGigabytes(saved.bytes),
        " of NAT gateway processing in these days",
        ...(client ? [". Most is for ", isolated(client.name), ` (${inGigabytes(client.amount)})`] : []),
        ". ",
        link("nat", "NAT gateways"),
      ]);
    }
    const peers = peerItems();
    const [peer] = peers.found;
    if (peer && peer.amount * 10n >= peers.total && peer.amount > 0n) {
      // who got a tenth or more
      advice.push([
        "Check that ",
        isolated(peer.name),
        ` is meant to get what it got: ${inGigabytes(peer.amount)}, ${percent(peer.amount, peers.total)} of what resources in VPCs sent. `,
        link("peers", "To whom"),
      ]);
    }
    const bad = [...distrustedDays(...SOURCES)].sort((a, b) => a - b);
    if (bad.length) {
      const texts =
        bad.length > 7
          ? [...bad.slice(0, 6).map(dayName), plural(bad.length - 6, "other day", "other days")]
          : bad.map(dayName);
      advice.push([
        `Do not rely on the numbers of ${listed(texts)}: logs are incomplete or missing. `,
        link("coverage", "Days"),
      ]);
    }
    if (advice.length)
      return section(
        "advice",
        null,
        "What to do about it",
        element("ol", {}, ...advice.map((texts) => element("li", {}, ...texts))),
      );
    if (!trust.some(({ days }) => days.size))
      return section("advice", null, "Nothing to go by", absent("There are no logs in what is chosen."));
    section(
      "advice",
      null,
      "Nothing stands out",
      absent("The logs show no avoidable cost, no cost to speak of, and no days to distrust."),
    );
  }

  function drawEgress() {
    const rows = chosenRows("egress");
    const part = parts.egress;
    const total = sum(rows, part.column("byte_count"));
    if (!rows.length) {
      const both = !hasLog("vpc_flow_logs") && !hasLog("s3_access_logs");
      return section(
        "egress",
        "Egress per day",
        "Nothing is known to have left",
        absent(
          both
            ? "There are no VPC flow logs and no S3 access logs in this warehouse."
            : whyNothing("egress", "vpc_flow_logs", "The logs show no egress."),
        ),
      );
    }
    const series = seriesOf("egress", rows, "byte_count", "exit_path", largest("egress", "exit_path", "byte_count"));
    const [peak] = [...groups(rows, ([day]) => day)]
      .map(([day, own]) => ({ day, amount: sum(own, part.column("byte_count")) }))
      .sort(byAmount);
    const title =
      chosen.from === chosen.to
        ? `${inGigabytes(total)} left on ${longDay(chosen.from)}`
        : `${inGigabytes(total)} left. The largest day was ${dayName(peak.day)}, with ${inGigabytes(peak.amount)}`;
    const destinations = [
      ...groups(rows, ([, , entity]) => part.text(entity, "destination_kind") ?? "all other AWS services"),
    ]
      .map(([kind, own]) => ({ kind, amount: sum(own, part.column("byte_count")) }))
      .sort(byAmount);
    section(
      "egress",
      "Egress per day, by the way it leaves",
      title,
      stackedBars("egress", {
        series,
        unit: "GB",
        scale: toGigabytes,
        format: inGigabytes,
        label: title,
        distrusted: distrustedDays("vpc_flow_logs", "s3_access_logs"),
      }),
      dayTable("egress", "Egress per day as a table", series, bytesCell, "GB"),
      details(
        "destinations",
        "What it went to: the internet, and AWS services by their public addresses",
        ["to", numberText("GB"), numberText("share")],
        () =>
          destinations.map(({ kind, amount }) => [words(kind), bytesCell(amount), numberText(percent(amount, total))]),
      ),
      hasLog("vpc_flow_logs") ? null : note(`${noLogs("vpc_flow_logs")} Only what S3 itself sent is known.`),
      hasLog("s3_access_logs") ? null : note(`${noLogs("s3_access_logs")} What S3 itself sent is not known.`),
    );
  }

  function drawNaive() {
    const rows = chosenRows("every_record");
    if (!rows.length)
      return section(
        "naive",
        "Why not just add up the records",
        "Nothing to add up",
        absent(whyNothing("every_record", "vpc_flow_logs", "No record goes to a public address.")),
      );
    const part = parts.every_record;
    const naive = sum(rows, part.column("byte_count"));
    const egress = parts.egress;
    const counted = chosenRows("egress").filter(([, , entity]) => egress.text(entity, "exit_path") !== "s3");
    const left = sum(counted, egress.column("byte_count"));
    const ratio = left > 0n ? `, ${decimals(Number(naive) / Number(left), 2)} times what left` : "";
    section(
      "naive",
      "Why not just add up the records",
      `Adding up the records gives ${inGigabytes(naive)}${ratio}`,
      ranked(
        "naive",
        "VPC flow logs",
        [bytesColumn("GB")],
        [
          { name: "All accepted records to public addresses, added up", amount: naive },
          { name: "Each byte once, where it leaves", amount: left },
        ],
      ),
      details(
        "naive",
        "Both per day as a table",
        ["UTC day", numberText("added up GB"), numberText("each byte once GB")],
        () =>
          chosenDays().map((day) => [
            dayCell(day),
            ...[
              [rows, part],
              [counted, egress],
            ].map(([own, of]) =>
              bytesCell(
                sum(
                  own.filter((row) => row[0] === day),
                  of.column("byte_count"),
                ),
              ),
            ),
          ]),
      ),
      note(
        "A flow is recorded by every interface that it passes, through a NAT gateway up to four times. Traffic to gateway endpoints goes to public addresses and leaves nothing.",
      ),
    );
  }

  function boundNote(part, what) {
    return part.restCount
      ? note(
          `The page holds the largest ${what} of all days; ${whole(part.restCount)} smaller ones are added up. In a part of the days a smaller one may have been among the largest.`,
        )
      : null;
  }

  function drawSenders() {
    const { part, total, found } = senderItems();
    if (!found.length)
      return section(
        "senders",
        "Who sent it",
        "No sender is known",
        absent(whyNothing("senders", "vpc_flow_logs", "The logs show no egress.")),
      );
    const title =
      found.length > 1
        ? [isolated(found[0].name), ` sent most: ${percent(found[0].amount, total)} of ${inGigabytes(total)}`]
        : [isolated(found[0].name), " sent all of it"];
    section(
      "senders",
      "Who sent it",
      title,
      ranked("senders", "Sender", [bytesColumn("GB", total), shareColumn(total)], found, {
        restCount: part.restCount,
        noun: ["sender", "senders"],
      }),
      details(
        "senders",
        "Senders as a table",
        ["sender", "id", "kind", "leaves by", "account and region", numberText("GB")],
        () =>
          found.map(({ entity, rows, name, amount }) => [
            name,
            part.text(entity, "sender_id"),
            words(part.text(entity, "sender_kind")),
            words(part.text(entity, "exit_path")),
            placesOf(rows),
            bytesCell(amount),
          ]),
      ),
      note("Behind a NAT gateway the sender is its client."),
      boundNote(part, "senders"),
    );
  }

  function peerItems() {
    return items("peers", "byte_count", (text, rows) => ({
      name: text("remote_address"),
      secondary: [words(text("destination_kind")), text("own_name") && `yours: ${text("own_name")}`]
        .filter(Boolean)
        .join(" · "),
      received: sum(rows, parts.peers.column("received_byte_count")),
    }));
  }

  function drawPeers() {
    const { part, rows, total, found } = peerItems();
    if (!found.length)
      return section(
        "peers",
        "To whom",
        "No receiver is known",
        absent(whyNothing("peers", "vpc_flow_logs", "The logs show no egress.")),
      );
    const received = sum(rows, part.column("received_byte_count"));
    section(
      "peers",
      "To whom resources in VPCs sent",
      [isolated(found[0].name), ` got most: ${percent(found[0].amount, total)} of ${inGigabytes(total)}`],
      ranked(
        "peers",
        "Address",
        [bytesColumn("sent GB", total), bytesColumn("received GB", received, (item) => item.received)],
        found,
        { restCount: part.restCount, noun: ["address", "addresses"] },
      ),
      details(
        "peers",
        "Addresses as a table",
        ["address", "what", "own name", "account and region", numberText("sent GB"), numberText("received GB")],
        () =>
          found.map(({ entity, rows: own, name, amount, received: got }) => [
            name,
            words(part.text(entity, "destination_kind")),
            part.text(entity, "own_name"),
            placesOf(own),
            bytesCell(amount),
            bytesCell(got),
          ]),
      ),
      boundNote(part, "addresses"),
    );
  }

  function natItems() {
    const money = (own, measure) =>
      own.every((row) => row[parts.nat.column(measure)] === null) ? null : sum(own, parts.nat.column(measure));
    return items("nat", "processed_byte_count", (text, own) => ({
      name: text("client_name") ?? text("client_id"),
      isAvoidable: text("is_avoidable") === "true",
      currency: text("currency"),
      cost: money(own, "estimated_cost"),
      saved: money(own, "avoidable_cost"),
    }));
  }

  function drawNat() {
    const { part, rows, total } = natItems();
    if (!rows.length)
      return section(
        "nat",
        "NAT gateways",
        "No traffic through NAT gateways",
        absent(whyNothing("nat", "vpc_flow_logs", "No flow log shows a NAT gateway.")),
      );
    const saved = avoidable();
    const isAvoidable = ([, , entity]) => part.text(entity, "is_avoidable") === "true";
    const series = [
      ["avoidable: S3 and DynamoDB of the own region", 5, isAvoidable],
      ["everything else", 0, (row) => !isAvoidable(row)],
    ].map(([name, color, only]) => ({
      name,
      color,
      values: new Map(
        [...groups(rows.filter(only), ([day]) => day)].map(([day, own]) => [
          day,
          sum(own, part.column("processed_byte_count")),
        ]),
      ),
    }));
    const title = saved.rows.length
      ? `${percent(saved.bytes, total)} of ${inGigabytes(total)} need no NAT gateway${saved.currencies.length ? `: saves ${saved.currencies.map(priceTag).join(" and ")}` : ""}`
      : `${inGigabytes(total)} went through NAT gateways, none of it avoidable`;
    section(
      "nat",
      "NAT gateways, bytes processed per day, both ways",
      title,
      stackedBars("nat", {
        series,
        unit: "GB",
        scale: toGigabytes,
        format: inGigabytes,
        label: title,
        distrusted: distrustedDays("vpc_flow_logs"),
      }),
      dayTable("nat-days", "Processed per day as a table", series, bytesCell, "GB"),
      note(
        "A gateway endpoint carries traffic to S3 and DynamoDB of the own region and costs nothing. The gateway's hours, and the transfer itself, come on top of the processing.",
      ),
    );
  }

  function drawNatClients() {
    const { part, rows, total, found } = natItems();
    if (!found.length)
      return section(
        "nat-clients",
        "Who uses NAT gateways",
        "No client is known",
        absent(whyNothing("nat", "vpc_flow_logs", "No flow log shows a NAT gateway.")),
      );
    const service = (item) => words(part.text(item.entity, "destination_service"));
    const restRows = [
      ...groups(
        rows.filter(([, , entity]) => part.isRest(entity)),
        ([, , entity]) => entity,
      ),
    ].map(([entity, own]) => [
      OTHERS,
      "-",
      "-",
      "-",
      part.text(entity, "is_avoidable") === "true" ? "yes" : "no",
      bytesCell(sum(own, part.column("processed_byte_count"))),
      part.text(entity, "currency"),
      ...["estimated_cost", "avoidable_cost"].map((measure) =>
        moneyCell(sum(own, part.column(measure)), part.text(entity, "currency")),
      ),
    ]);
    section(
      "nat-clients",
      "Who uses NAT gateways, for what",
      [isolated(found[0].name), ` causes ${percent(found[0].amount, total)} of it, with `, isolated(service(found[0]))],
      ranked(
        "nat",
        "Client and service",
        [
          bytesColumn("GB", total),
          {
            name: "avoidable",
            value: (item) => item.saved,
            cell: (amount, item) => (item.isAvoidable ? moneyCell(amount, item.currency, true) : numberText("no")),
          },
        ],
        found.map((item) => ({ ...item, secondary: `${service(item)} · ${part.text(item.entity, "nat_gateway_id")}` })),
        { restCount: part.restCount, noun: ["pair", "pairs"], most: 6 },
      ),
      details(
        "nat",
        "Clients and services as a table",
        [
          "client",
          "id",
          "service",
          "NAT gateway",
          "avoidable",
          numberText("GB"),
          "currency",
          numberText("cost"),
          numberText("avoidable cost"),
        ],
        () => [
          ...found.map((item) => [
            item.name,
            part.text(item.entity, "client_id"),
            service(item),
            part.text(item.entity, "nat_gateway_id"),
            item.isAvoidable ? "yes" : "no",
            bytesCell(item.amount),
            item.currency,
            moneyCell(item.cost, item.currency),
            moneyCell(item.saved, item.currency),
          ]),
          ...restRows,
        ],
      ),
      boundNote(part, "clients"),
    );
  }

  function drawCosts() {
    const { part, rows, currencies, unpriced, classes } = costs();
    if (!rows.length)
      return section(
        "costs",
        "Costs",
        "No transfer with a cost is known",
        absent(whyNothing("costs", "vpc_flow_logs", "The logs show no transfer.")),
      );
    const order = largest("costs", "traffic_class", "estimated_cost");
    const content = currencies.flatMap(({ currency, rows: own, amount }) => {
      const inCurrency = (value) => `${currency} ${money(value)}`;
      const series = seriesOf("costs", own, "estimated_cost", "traffic_class", order).filter(({ values }) =>
        [...values.values()].some((value) => value > 0n),
      );
      return [
        ...(currencies.length > 1 ? [element("h3", {}, `${currency}: ${money(amount)}`)] : []),
        stackedBars(`costs-${currency}`, {
          series,
          unit: currency,
          scale: (value) => Number(value) / 1e9,
          format: inCurrency,
          label: `Cost per day in ${currency}.`,
          distrusted: distrustedDays("vpc_flow_logs", "s3_access_logs"),
        }),
        dayTable(
          `costs-days-${currency}`,
          `Cost per day in ${currency} as a table`,
          series,
          (value) => moneyCell(value, currency),
          currency,
        ),
      ];
    });
    const byClass = [
      ...groups(rows, ([, , entity]) =>
        JSON.stringify([part.text(entity, "traffic_class"), part.text(entity, "currency")]),
      ),
    ]
      .map(([, own]) => {
        const [, , entity] = own[0];
        const isUnknown = own.every((row) => row[part.column("estimated_cost")] === null);
        return {
          name: words(part.text(entity, "traffic_class")),
          currency: part.text(entity, "currency"),
          amount: sum(own, part.column("estimated_cost")),
          isUnknown,
          rows: own,
        };
      })
      .sort(byAmount);
    const top = currencies.length ? classes(currencies[0].rows)[0] : null;
    const title = !currencies.length
      ? "No price is known for what was sent"
      : `${currencies.map(priceTag).join(" and ")}${top && top.amount > 0n ? `, ${percent(top.amount, currencies[0].amount)}${currencies.length > 1 ? ` of ${currencies[0].currency}` : ""} for ${classOf(top.traffic)[0]}` : ""}`;
    section(
      "costs",
      "Estimated cost of transfer per day, by class",
      title,
      ...content,
      details(
        "costs",
        "Cost by class as a table",
        ["class", "currency", numberText("GB"), numberText("billable GB (2^30)"), numberText("cost"), "price is"],
        () =>
          byClass.map(({ name, currency, amount, isUnknown, rows: own }) => [
            name,
            currency,
            bytesCell(sum(own, part.column("byte_count"))),
            numberText(decimals(Number(sum(own, part.column("billable_gb"))) / 1e9, 1)),
            moneyCell(isUnknown ? null : amount, currency),
            distinct(own.map(([, , entity]) => part.text(entity, "price_confidence")))
              .sort()
              .join(", "),
          ]),
      ),
      note(
        `Estimated from list prices or your own, without tax, credits, discounts and hourly charges. A day's cost changes until its month is over.${unpriced > 0n ? ` ${inGigabytes(unpriced)} have no known price and are in no sum of money.` : ""}${currencies.length > 1 ? " Currencies are never added up." : ""}`,
      ),
    );
  }

  function drawZones() {
    const { part, total, found } = items("zones", "byte_count", (text) => ({
      name: `${text("source_az_id")} → ${text("destination_az_id")}`,
    }));
    if (!found.length) {
      return section(
        "zones",
        "Between zones",
        "No traffic between zones is known",
        absent(
          whyNothing(
            "zones",
            "vpc_flow_logs",
            "Without an inventory only flow logs of version 4 tell the own zone, and of version 11 the other.",
          ),
        ),
      );
    }
    section(
      "zones",
      "Between zones",
      [`${inGigabytes(total)} crossed zones, ${percent(found[0].amount, total)} of it `, isolated(found[0].name)],
      ranked(
        "zones",
        "From and to",
        [bytesColumn("GB", total), shareColumn(total)],
        found.map((item) => ({ ...item, secondary: placesOf(item.rows) })),
        { restCount: part.restCount, noun: ["pair", "pairs"] },
      ),
      details("zones", "Zones as a table", ["from", "to", "account and region", numberText("GB")], () =>
        found.map(({ entity, rows, amount }) => [
          part.text(entity, "source_az_id"),
          part.text(entity, "destination_az_id"),
          placesOf(rows),
          bytesCell(amount),
        ]),
      ),
    );
  }

  function drawS3() {
    const { part, rows, total, found } = items("buckets", "downloaded_byte_count", (text, own) => ({
      name: text("bucket_name"),
      requests: sum(own, parts.buckets.column("request_count")),
    }));
    if (!rows.length)
      return section(
        "s3",
        "S3 downloads",
        "No requests to S3 are known",
        absent(whyNothing("buckets", "s3_access_logs", "The logs hold no request.")),
      );
    const series = seriesOf(
      "buckets",
      rows,
      "downloaded_byte_count",
      "bucket_name",
      largest("buckets", "bucket_name", "downloaded_byte_count"),
    );
    const title =
      total > 0n && found.length
        ? [`${inGigabytes(total)} downloaded, ${percent(found[0].amount, total)} of it from `, isolated(found[0].name)]
        : "Nothing was downloaded";
    section(
      "s3",
      "S3 downloads per day, by bucket",
      title,
      stackedBars("s3", {
        series,
        unit: "GB",
        scale: toGigabytes,
        format: inGigabytes,
        label: `${inGigabytes(total)} downloaded.`,
        distrusted: distrustedDays("s3_access_logs"),
      }),
      ranked(
        "buckets",
        "Bucket",
        [
          bytesColumn("GB", total),
          countColumn("requests", sum(rows, part.column("request_count")), (item) => item.requests),
        ],
        found,
        { restCount: part.restCount, noun: ["bucket", "buckets"], most: 4 },
      ),
      dayTable("s3-days", "Downloads per day as a table", series, bytesCell, "GB"),
      details(
        "s3",
        "Buckets as a table",
        [
          "bucket",
          "account and region",
          ...["downloaded GB", "uploaded GB", "copied out inside S3 GB", "requests", "failed"].map(numberText),
        ],
        () =>
          [...groups(rows, ([, , entity]) => entity)]
            .map(([entity, own]) => ({ entity, own, amount: sum(own, part.column("downloaded_byte_count")) }))
            .sort(byAmount)
            .map(({ entity, own }) => [
              part.text(entity, "bucket_name") ?? OTHERS,
              placesOf(own),
              ...["downloaded_byte_count", "uploaded_byte_count", "copied_byte_count"].map((measure) =>
                bytesCell(sum(own, part.column(measure))),
              ),
              ...["request_count", "error_count"].map((measure) => countCell(sum(own, part.column(measure)))),
            ]),
      ),
      note(
        "Bytes sent, inside AWS too: to the internet went what the first chart has as S3 itself. Copies inside S3 are no downloads.",
      ),
      boundNote(part, "buckets"),
    );
  }

  function drawDownloaders() {
    const { part, total, found } = items("downloaders", "downloaded_byte_count", (text, rows) => ({
      name: text("remote_address"),
      secondary: text("bucket_name"),
      requests: sum(rows, parts.downloaders.column("request_count")),
    }));
    if (!found.length)
      return section(
        "downloaders",
        "Who downloaded from S3",
        "No downloads are known",
        absent(whyNothing("downloaders", "s3_access_logs", "The logs hold no download.")),
      );
    const requests = sum(chosenRows("downloaders"), part.column("request_count"));
    section(
      "downloaders",
      "Who downloaded from S3",
      [isolated(found[0].name), ` got ${percent(found[0].amount, total)} of what was downloaded`],
      ranked(
        "downloaders",
        "Address and bucket",
        [bytesColumn("GB", total), countColumn("requests", requests, (item) => item.requests)],
        found,
        { restCount: part.restCount, noun: ["pair", "pairs"] },
      ),
      details(
        "downloaders",
        "Downloaders as a table",
        ["address", "bucket", "account and region of the bucket", numberText("GB"), numberText("requests")],
        () =>
          found.map(({ rows, name, secondary, amount, requests: count }) => [
            name,
            secondary,
            placesOf(rows),
            bytesCell(amount),
            countCell(count),
          ]),
      ),
      boundNote(part, "downloaders"),
    );
  }

  function drawApi() {
    const { part, rows, total, found } = items("api", "event_count", (text, own) => ({
      name: text("principal_name"),
      secondary: text("principal_id"),
      kind: text("principal_type"),
      errors: sum(own, parts.api.column("error_count")),
    }));
    if (!rows.length)
      return section(
        "api",
        "API calls",
        "No API calls are known",
        absent(whyNothing("api", "cloudtrail", "The trail holds no event.")),
      );
    const errors = sum(rows, part.column("error_count"));
    const perDay = (value) => new Map([...groups(rows, ([day]) => day)].map(([day, own]) => [day, value(own)]));
    const series = [
      {
        name: "answered",
        color: 0,
        values: perDay((own) => sum(own, part.column("event_count")) - sum(own, part.column("error_count"))),
      },
      { name: "failed or refused", color: 5, values: perDay((own) => sum(own, part.column("error_count"))) },
    ];
    const title = `${plural(total, "API call", "API calls")}, ${percent(errors, total)} of them failed or refused`;
    section(
      "api",
      "AWS API calls per day (CloudTrail)",
      title,
      stackedBars("api", {
        series,
        unit: "calls",
        scale: Number,
        format: whole,
        label: title,
        distrusted: distrustedDays("cloudtrail"),
      }),
      ranked(
        "api",
        "Principal",
        [countColumn("calls", total), countColumn("failed", errors, (item) => item.errors)],
        found.map(({ secondary, ...item }) => item),
        { restCount: part.restCount, noun: ["principal", "principals"], most: 6 },
      ),
      dayTable("api-days", "Calls per day as a table", series, countCell, "calls"),
      details(
        "api",
        "Principals as a table",
        ["principal", "id", "type", numberText("calls"), numberText("failed")],
        () => [
          ...found.map(({ name, secondary, kind, amount, errors: failed }) => [
            name,
            secondary,
            kind,
            countCell(amount),
            countCell(failed),
          ]),
          ...(part.restCount
            ? [
                [
                  "others",
                  "-",
                  "-",
                  countCell(total - found.reduce((all, { amount }) => all + amount, 0n)),
                  countCell(errors - found.reduce((all, { errors: failed }) => all + failed, 0n)),
                ],
              ]
            : []),
        ],
      ),
      boundNote(part, "principals"),
    );
  }

  function drawApiErrors() {
    const { part, total, found } = items("api_errors", "event_count", (text) => ({
      name: `${text("event_name")}: ${text("error_code")}`,
      secondary: `${text("principal_name")} · ${text("event_source")}`,
    }));
    if (!found.length)
      return section(
        "api-errors",
        "Calls that failed",
        "No failed calls",
        absent(whyNothing("api_errors", "cloudtrail", "No call failed.")),
      );
    section(
      "api-errors",
      "Calls that failed or were refused",
      ["Most often: ", isolated(found[0].name), `, ${plural(found[0].amount, "time", "times")}`],
      ranked("api-errors", "Call and error, by whom", [countColumn("calls", total), shareColumn(total)], found, {
        restCount: part.restCount,
        noun: ["kind", "kinds"],
      }),
      details(
        "api-errors",
        "Failed calls as a table",
        ["call", "service", "error", "principal", "principal id", numberText("calls")],
        () =>
          found.map(({ entity, amount }) => [
            ...["event_name", "event_source", "error_code", "principal_name", "principal_id"].map((column) =>
              part.text(entity, column),
            ),
            countCell(amount),
          ]),
      ),
      boundNote(part, "kinds of failure"),
    );
  }

  const SIGNS = { complete: "✓", incomplete: "!", missing: "–" };
  function drawCoverage() {
    const known = trust.filter(({ days }) => days.size);
    const absentLogs = SOURCES.filter((source) => !hasLog(source));
    const elsewhere = trust.filter(({ days }) => !days.size);
    const notes = [
      ...absentLogs.map((source) => note(noLogs(source))),
      ...elsewhere.map(({ source }) => note(`There are no ${logs(source)} in what is chosen above.`)),
    ];
    if (!known.length) return section("coverage", "Days to trust", "No day has any logs", ...notes);
    const months = new Map();
    for (let day = chosen.from; day <= chosen.to; day++) {
      const month = isoDay(day).slice(0, 7);
      if (!months.has(month)) months.set(month, []);
      months.get(month).push(day);
    }
    const strips = [...months.values()].map((days) => {
      const start = dateOf(days[0]);
      const length = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0)).getUTCDate();
      const numbers = Array.from({ length }, (_, index) => index + 1);
      const dayOfNumber = (number) => days[0] - start.getUTCDate() + number;
      return element(
        "table",
        { class: "days" },
        element("colgroup", {}, element("col"), ...numbers.map(() => element("col"))),
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            element("th", { scope: "col" }, `${MONTHS[start.getUTCMonth()]} ${start.getUTCFullYear()}`),
            ...numbers.map((number) => element("th", { scope: "col" }, String(number))),
          ),
        ),
        element(
          "tbody",
          {},
          ...known.map(({ source, days: own }) =>
            element(
              "tr",
              {},
              element("th", { scope: "row" }, words(source)),
              ...numbers.map((number) => {
                const found = own.get(dayOfNumber(number));
                if (!found) return element("td");
                const about = `${words(source)}, ${longDay(dayOfNumber(number))}: ${[found.status, ...found.reasons].join("; ")}`;
                return element(
                  "td",
                  { class: found.status, title: about, "data-day": isoDay(dayOfNumber(number)), "data-source": source },
                  element("span", { "aria-hidden": "true" }, SIGNS[found.status]),
                  element("span", { class: "hidden" }, found.status),
                );
              }),
            ),
          ),
        ),
      );
    });
    const bad = distrustedDays(...SOURCES);
    const key = element(
      "p",
      { class: "kicker days-key" },
      ...Object.entries(SIGNS).flatMap(([status, sign]) => [
        element("span", { class: `cell ${status}`, "aria-hidden": "true" }, sign),
        ` ${{ complete: "nothing known to be wrong", incomplete: "do not rely on it", missing: "nothing arrived" }[status]}   `,
      ]),
    );
    const part = parts.coverage;
    section(
      "coverage",
      "Days to trust",
      bad.size
        ? `Do not rely on ${bad.size} of ${chosen.to - chosen.from + 1} days`
        : "Nothing known to be wrong on any day",
      key,
      ...strips,
      ...notes,
      details(
        "coverage",
        "Days and reasons as a table",
        ["UTC day", "log", "state", "why", ...["files", "records", "late", "twice"].map(numberText)],
        () =>
          known
            .flatMap(({ source, days }) => [...days].map(([day, state]) => ({ source, day, ...state })))
            .sort((a, b) => a.day - b.day)
            .map(({ source, day, status, reasons, found }) => [
              dayCell(day),
              words(source),
              status,
              reasons.join("; ") || null,
              ...["file_count", "record_count", "late_count", "duplicate_count"].map((measure) =>
                countCell(sum(found, part.column(measure))),
              ),
            ]),
      ),
      note("A day without a mark is no proof that AWS delivered every record."),
    );
  }

  function drawFoot() {
    const lines = [
      report.day_count
        ? `Days: ${isoDay(0)} to ${isoDay(report.day_count - 1)}, UTC days of the records themselves.`
        : "There are no days in this warehouse.",
      report.newest_record ? `Newest record: ${report.newest_record} UTC.` : null,
      report.older_day_count
        ? `${plural(report.older_day_count, "older day is", "older days are")} in the warehouse and not on this page.`
        : null,
      `Made ${report.made_at} UTC from ${report.warehouse} by ${report.made_by}.`,
      "GB are 10^9 bytes; billable GB are 2^30 bytes, as AWS bills. Point at a number of bytes for the exact one.",
      "Costs are estimates from list prices or your own, never a bill. Flow logs count bytes with IP headers, and AWS bills by its own meters.",
      `Each list holds its ${report.bounds.names} largest names and the ${report.bounds.names / report.bounds.places} largest of each of the ${report.bounds.places} largest accounts and regions, fewer where that are many days. What is smaller is added up, and totals are whole.`,
      "This file holds addresses and names from logs. It asks no network for anything.",
    ];
    document
      .getElementById("foot")
      .replaceChildren(element("ul", {}, ...lines.filter(Boolean).map((line) => element("li", {}, line))));
  }

  function drawAll() {
    charts.clear();
    trust = coverage();
    const place = [chosen.account && `account ${chosen.account}`, chosen.region && `region ${chosen.region}`]
      .filter(Boolean)
      .join(", ");
    document.getElementById("selection").textContent = report.day_count
      ? `${longDay(chosen.from)} to ${longDay(chosen.to)} (UTC days), ${place || "all accounts and regions"}`
      : "This warehouse holds no records.";
    for (const draw of [
      drawAnswers,
      drawAdvice,
      drawEgress,
      drawNaive,
      drawSenders,
      drawPeers,
      drawNat,
      drawNatClients,
      drawCosts,
      drawZones,
      drawS3,
      drawDownloaders,
      drawApi,
      drawApiErrors,
      drawCoverage,
    ])
      draw();
    drawCharts();
  }

  // --- Filters ----------------------------------------------------------------------------------------------------
  const filters = document.getElementById("filters");
  const [from, to, account, region] = ["from", "to", "account", "region"].map((name) =>
    document.getElementById(`chosen-${name}`),
  );
  const option = (value, text) => element("option", { value }, text);
  account.append(
    option("", "All"),
    ...distinct(report.places.map(([name]) => name))
      .sort()
      .map((name) => option(name, name)),
  );
  region.append(
    option("", "All"),
    ...distinct(report.places.map(([, name]) => name))
      .sort()
      .map((name) => option(name, name)),
  );
  for (const field of [from, to]) {
    if (!report.day_count) {
      field.disabled = true;
      continue;
    }
    field.min = isoDay(0);
    field.max = isoDay(report.day_count - 1);
  }
  if (report.day_count) {
    from.defaultValue = isoDay(0);
    to.defaultValue = isoDay(report.day_count - 1);
  }
  function choose() {
    const within = (field, otherwise) =>
      Math.min(Math.max(field.value ? dayOf(field.value) : otherwise, 0), report.day_count - 1);
    const days = [within(from, 0), within(to, report.day_count - 1)].sort((a, b) => a - b);
    Object.assign(chosen, { from: days[0], to: days[1], account: account.value, region: region.value });
    drawAll();
  }
  filters.addEventListener("change", choose);
  filters.addEventListener("reset", () => setTimeout(choose));
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    choose();
  });

  // --- Width and paper --------------------------------------------------------------------------------------------
  let width = document.documentElement.clientWidth;
  window.addEventListener("resize", () => {
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    drawCharts();
  });
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const each of closed) {
      fillers.get(each)();
      each.open = true;
    }
  });
  window.addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });

  drawFoot();
  drawAll();
})();
