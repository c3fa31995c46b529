/* Draws a chart above the table that holds its numbers.

   <figure class="chart" data-chart='{"x": "minutes", …}'>
     <figcaption>One sentence that says what the chart shows.</figcaption>      → the chart's name for a screen reader
     <details><summary>The numbers</summary><table> … </table></details>        → the data; always there, with or without this
   </figure>

   The table. Each <th> of the head has data-role and, where a colour belongs to it, data-quantity:
     x      the horizontal axis: a number (minutes) or an ISO date, in the cell's data-value or its text
     line   a line with its label at its end; an empty cell is a gap
     points values that are not joined
     low, high   the edges of a band around the line before them
     mark   a mark on the time axis wherever the cell is not empty; its text is the label ("35 mg")
   data-quantity names a token --quantity-NAME of tokens.css: score, concentration, effect, systolic, diastolic,
   pulse, saturation, infusion. Each has its own dash, so that a chart can be read in grey.

   data-chart, all optional except x:
     x: "minutes" | "dates"     unit: text above the vertical axis     min, max: of the vertical axis
     from, to: of the horizontal axis     join: true draws the line across gaps
     bands: [{from, to, label}] horizontal reference bands     lines: [{at, label}] horizontal reference lines

   Needs uPlot. Redraws when the theme or the width changes. A chart that comes by htmx is drawn, too; one whose
   table was replaced is drawn anew by the event serein:chart on its figure. */
(function () {
  "use strict";

  var DASHES = { effect: [8, 5], diastolic: [3, 4], pulse: [10, 4, 2, 4], saturation: [2, 3], infusion: [14, 5] };
  /* Whole days and whole minutes: no label stands twice, none has a fraction. */
  var DAYS = [1, 2, 7, 14, 28, 91, 182, 364].map(function (days) { return days * 86400; });
  var MINUTES = [1, 2, 5, 10, 20, 30, 60, 120, 240];
  var drawn = new Map();

  function token(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }

  function theme() {
    return { ink: token("ink"), quiet: token("quiet"), line: token("line"), edge: token("edge"), page: token("page"), sunken: token("sunken") };
  }

  function font(weight) {
    var size = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8;
    return { css: (weight || "400") + " " + size * devicePixelRatio + "px " + getComputedStyle(document.body).fontFamily, size: size };
  }

  /* ── the table ── */
  function cellText(cell) {
    return (cell.dataset.value || cell.textContent).trim();
  }

  function xValue(text, kind) {
    return kind === "dates" ? Date.parse(text) / 1000 : Number(text);
  }

  function read(figure) {
    var table = figure.querySelector("table");
    var config = JSON.parse(figure.dataset.chart || "{}");
    var heads = Array.from(table.tHead.rows[0].cells);
    var columns = heads.map(function (head) {
      return { role: head.dataset.role, quantity: head.dataset.quantity || "score", label: head.textContent.trim(), values: [] };
    });
    var marks = [];
    Array.from(table.tBodies[0].rows).forEach(function (row) {
      var x = null;
      Array.from(row.cells).forEach(function (cell, place) {
        var text = cellText(cell);
        var column = columns[place];
        if (column.role === "x") {
          x = xValue(text, config.x);
          column.values.push(x);
        } else if (column.role === "mark") {
          if (text) marks.push({ at: x, label: text });
        } else {
          column.values.push(text === "" || Number.isNaN(Number(text)) ? null : Number(text));
        }
      });
    });
    return { config: config, columns: columns, marks: marks };
  }

  /* ── drawing beside what uPlot draws ── */
  function drawBands(u, data, colours) {
    var context = u.ctx;
    context.save();
    (data.config.bands || []).forEach(function (band, place) {
      var top = u.valToPos(band.to + (data.config.bands[place + 1] ? 0.5 : 0), "y", true);
      var bottom = u.valToPos(band.from - (place ? 0.5 : 0), "y", true);
      context.fillStyle = place % 2 ? colours.sunken : colours.page;
      context.fillRect(u.bbox.left, top, u.bbox.width, bottom - top);
    });
    context.restore();
  }

  /* The height of a line at x in canvas pixels, between its points; null outside them. */
  function heightAt(u, xs, line, x) {
    var at = u.posToVal(x / devicePixelRatio - u.bbox.left / devicePixelRatio, "x");
    var before = -1;
    for (var i = 0; i < xs.length; i++) {
      if (line.values[i] === null) continue;
      if (xs[i] > at) {
        if (before < 0) return null;
        var part = (at - xs[before]) / (xs[i] - xs[before]);
        return u.valToPos(line.values[before] + part * (line.values[i] - line.values[before]), "y", true);
      }
      before = i;
    }
    return null;
  }

  /* Where along the chart a label at height y is farthest from every line: data is never written over. */
  function clearest(u, xs, lines, text, y) {
    var width = u.ctx.measureText(text).width;
    var best = { x: 0, room: -1 };
    [0.01, 0.25, 0.5, 0.72].forEach(function (part) {
      var left = u.bbox.left + part * u.bbox.width;
      if (left + width > u.bbox.left + u.bbox.width) return;
      var room = Infinity;
      [0, 0.25, 0.5, 0.75, 1].forEach(function (step) {
        lines.forEach(function (line) {
          var height = heightAt(u, xs, line, left + step * width);
          if (height !== null) room = Math.min(room, Math.abs(height - y));
        });
      });
      /* A place further right must be clearly better. */
      if (best.room < 0 || (best.room < 20 * devicePixelRatio && room > best.room)) best = { x: left, room: room };
    });
    return best.x;
  }

  /* Below the lines, with a rim of the page's colour that clears the grid behind the words. */
  function write(context, colours, text, x, y) {
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.lineWidth = 5 * devicePixelRatio;
    context.lineJoin = "round";
    context.setLineDash([]);
    context.strokeStyle = colours.page;
    context.strokeText(text, x, y);
    context.fillStyle = colours.quiet;
    context.fillText(text, x, y);
  }

  function drawBandLabels(u, data, lines, colours) {
    u.ctx.save();
    u.ctx.font = font().css;
    (data.config.bands || []).forEach(function (band) {
      var middle = u.valToPos((band.from + band.to) / 2, "y", true);
      write(u.ctx, colours, band.label || "", clearest(u, data.columns[0].values, lines, band.label || "", middle), middle);
    });
    u.ctx.restore();
  }

  function drawLines(u, data, lines, colours) {
    var context = u.ctx;
    context.save();
    context.font = font().css;
    (data.config.lines || []).forEach(function (line) {
      var y = u.valToPos(line.at, "y", true);
      if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) return;
      context.strokeStyle = colours.edge;
      context.lineWidth = devicePixelRatio;
      context.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      context.beginPath();
      context.moveTo(u.bbox.left, y);
      context.lineTo(u.bbox.left + u.bbox.width, y);
      context.stroke();
      var above = y - 9 * devicePixelRatio;
      write(context, colours, line.label || "", clearest(u, data.columns[0].values, lines, line.label || "", above), above);
    });
    context.restore();
  }

  /* Doses and events: a stem from the axis with a filled triangle, its label beside it. */
  function drawMarks(u, data, colours) {
    var context = u.ctx;
    var ratio = devicePixelRatio;
    var bottom = u.bbox.top + u.bbox.height;
    var taken = -Infinity;
    context.save();
    context.font = font("650").css;
    context.textBaseline = "bottom";
    data.marks.forEach(function (mark) {
      var x = u.valToPos(mark.at, "x", true);
      if (x < u.bbox.left - 1 || x > u.bbox.left + u.bbox.width + 1) return;
      context.fillStyle = colours.ink;
      context.beginPath();
      context.moveTo(x, bottom - 11 * ratio);
      context.lineTo(x + 6 * ratio, bottom);
      context.lineTo(x - 6 * ratio, bottom);
      context.closePath();
      context.fill();
      var width = context.measureText(mark.label).width;
      var left = x + 9 * ratio;
      if (left + width > u.bbox.left + u.bbox.width) left = x - 9 * ratio - width;
      if (left > taken) {
        context.textAlign = "left";
        context.fillText(mark.label, left, bottom - 2 * ratio);
        taken = left + width + 6 * ratio;
      }
    });
    context.restore();
  }

  /* The name of each line at its end, pushed apart where two would touch. */
  function drawLabels(u, lines, colours) {
    var context = u.ctx;
    var ratio = devicePixelRatio;
    var letters = font("650");
    var room = letters.size * ratio * 1.25;
    var labels = lines.map(function (line) {
      for (var i = line.values.length - 1; i >= 0; i--) {
        if (line.values[i] !== null) return { y: u.valToPos(line.values[i], "y", true), text: line.label, colour: line.colour };
      }
      return null;
    });
    labels = labels.filter(Boolean).sort(function (a, b) {
      return a.y - b.y;
    });
    for (var i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + room);
    context.save();
    context.font = letters.css;
    context.textBaseline = "middle";
    context.textAlign = "left";
    labels.forEach(function (label) {
      context.fillStyle = label.colour || colours.ink;
      context.fillText(label.text, u.bbox.left + u.bbox.width + 8 * ratio, label.y);
    });
    context.restore();
  }

  function widest(lines) {
    var context = document.createElement("canvas").getContext("2d");
    context.font = font("650").css;
    return lines.reduce(function (width, line) {
      return Math.max(width, context.measureText(line.label).width / devicePixelRatio);
    }, 0);
  }

  /* ── uPlot's options ── */
  function seriesOf(column, config) {
    var colour = token("quantity-" + column.quantity);
    if (column.role === "low" || column.role === "high") return { label: column.label, stroke: "transparent", points: { show: false } };
    var few = column.values.filter(function (value) { return value !== null; }).length <= 20;
    return {
      label: column.label,
      stroke: colour,
      width: column.role === "points" ? 0 : 2.5,
      dash: DASHES[column.quantity],
      spanGaps: Boolean(config.join),
      points: { show: few || column.role === "points", size: 8, width: 2, stroke: colour, fill: token("page") }
    };
  }

  function bandsOf(columns) {
    var bands = [];
    columns.forEach(function (column, place) {
      if (column.role !== "low") return;
      for (var other = place + 1; other < columns.length; other++) {
        if (columns[other].role === "high") {
          bands.push({ series: [other, place], fill: token("quantity-" + column.quantity) + "2e" });
          break;
        }
      }
    });
    return bands;
  }

  function axis(colours, more) {
    return Object.assign({ stroke: colours.quiet, font: fontPixels(), grid: { stroke: colours.line, width: 1 }, ticks: { show: false } }, more);
  }

  function fontPixels() {
    return parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8 + "px " + getComputedStyle(document.body).fontFamily;
  }

  /* Day before month in English, as everywhere on the pages. */
  function language() {
    var said = document.documentElement.lang || "en";
    return said === "en" ? "en-GB" : said;
  }

  function dateWords(u, splits) {
    var day = new Intl.DateTimeFormat(language(), { day: "numeric", month: "short", timeZone: "UTC" });
    return splits.map(function (seconds) { return day.format(seconds * 1000); });
  }

  function limits(config, low, high) {
    var least = "min" in config ? config.min : low;
    var most = "max" in config ? config.max : high;
    (config.lines || []).forEach(function (line) { most = "max" in config ? most : Math.max(most, line.at * 1.06); });
    return "max" in config ? [least, most] : [least, most + (most - least) * 0.08];
  }

  function options(figure, area, data, columns, lines) {
    var colours = theme();
    var dates = data.config.x === "dates";
    var xs = columns[0].values;
    var first = "from" in data.config ? xValue(data.config.from, data.config.x) : xs[0];
    var last = "to" in data.config ? xValue(data.config.to, data.config.x) : xs[xs.length - 1];
    if (first === last) last = first + (dates ? 86400 : 1);
    var space = (last - first) * 0.02;
    var pointed = figure.querySelector(".pointed");
    return {
      width: area.clientWidth,
      height: area.clientHeight,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 9 } },
      padding: [12, Math.ceil(widest(lines)) + 14, 0, 0],
      tzDate: function (seconds) { return uPlot.tzDate(new Date(seconds * 1000), "UTC"); },
      scales: {
        x: { time: dates, range: [first - space, last + space] },
        y: { range: function (u, low, high) { return limits(data.config, low === null ? 0 : low, high === null ? 1 : high); } }
      },
      axes: [
        axis(colours, dates ? { grid: { show: false }, values: dateWords, space: 70, incrs: DAYS } : { grid: { show: false }, space: 72, incrs: MINUTES, values: function (u, splits) { return splits.map(function (m) { return String(m).replace("-", "−") + " min"; }); } }),
        axis(colours, { size: 48, space: 42, grid: { stroke: colours.line, width: 1, show: !(data.config.bands || []).length } })
      ],
      series: [{}].concat(columns.slice(1).map(function (column) { return seriesOf(column, data.config); })),
      bands: bandsOf(columns),
      hooks: {
        drawClear: [function (u) { drawBands(u, data, colours); }],
        drawAxes: [function (u) { drawBandLabels(u, data, lines, colours); drawLines(u, data, lines, colours); }],
        draw: [function (u) { drawMarks(u, data, colours); drawLabels(u, lines, colours); }],
        setCursor: [function (u) { pointed.textContent = u.cursor.idx === null || u.cursor.idx === undefined ? "" : spoken(data, columns, u.cursor.idx); }]
      }
    };
  }

  /* What the pointer is on, in words, below the chart. */
  function spoken(data, columns, row) {
    var at = data.config.x === "dates" ? dateWords(null, [columns[0].values[row]])[0] : columns[0].values[row] + " min";
    var parts = columns.slice(1).filter(function (column) { return column.values[row] !== null; });
    return at + ": " + parts.map(function (column) { return column.label + " " + column.values[row]; }).join(", ");
  }

  function draw(figure) {
    clear(figure);
    var data = read(figure);
    var columns = data.columns.filter(function (column) { return column.role !== "mark"; });
    if (!columns[0].values.length) return;
    var area = document.createElement("div");
    area.className = "area";
    area.setAttribute("role", "img");
    area.setAttribute("aria-label", figure.querySelector("figcaption").textContent.trim());
    var unit = document.createElement("p");
    unit.className = "axis-unit";
    unit.setAttribute("aria-hidden", "true");
    unit.textContent = data.config.unit || "";
    unit.hidden = !data.config.unit;
    var pointed = document.createElement("p");
    pointed.className = "pointed";
    pointed.setAttribute("aria-hidden", "true");
    figure.querySelector("figcaption").after(unit, area, pointed);
    var lines = columns.filter(function (column) { return column.role === "line" || column.role === "points"; });
    lines.forEach(function (line) {
      line.colour = token("quantity-" + line.quantity);
      line.label = line.label.replace(/ \([^)]*\)$/, "");
    });
    var values = columns.map(function (column) { return column.values; });
    var plot = new uPlot(options(figure, area, data, columns, lines), values, area);
    drawn.set(figure, { plot: plot, parts: [unit, area, pointed], width: area.clientWidth });
    widths.observe(area);
  }

  function clear(figure) {
    var old = drawn.get(figure);
    if (!old) return;
    widths.unobserve(old.parts[1]);
    old.plot.destroy();
    old.parts.forEach(function (part) { part.remove(); });
    drawn.delete(figure);
  }

  function drawAll() {
    drawn.forEach(function (value, figure) {
      if (!figure.isConnected) clear(figure);
    });
    document.querySelectorAll("figure.chart").forEach(function (figure) {
      if (!drawn.has(figure)) draw(figure);
    });
  }

  function redrawAll() {
    Array.from(drawn.keys()).forEach(draw);
  }

  var widths = new ResizeObserver(function (entries) {
    entries.forEach(function (entry) {
      var figure = entry.target.closest("figure.chart");
      var now = drawn.get(figure);
      if (!now || !entry.target.clientWidth || now.width === entry.target.clientWidth) return;
      now.width = entry.target.clientWidth;
      now.plot.setSize({ width: entry.target.clientWidth, height: entry.target.clientHeight });
    });
  });

  drawAll();
  document.addEventListener("serein:theme", redrawAll);
  document.addEventListener("serein:chart", function (event) {
    var figure = event.target.closest("figure.chart");
    if (figure) draw(figure);
  });
  document.addEventListener("htmx:load", drawAll);
})();
