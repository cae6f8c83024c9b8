// @ts-check
/**
 * Draws each score over time from the page's data (`#trend-data`). The same figures stand in a table under each
 * picture, so a page on which this does not run lacks a picture and nothing else.
 *
 * @typedef {{ x: number, y: number, date: string, band: string }} Point  time in milliseconds, figure, the day in words,
 *   and what the form calls such a figure
 * @typedef {{ from: number, to: number, name: string }} Band
 * @typedef {{ x: number, date: string, words: string }} Event
 * @typedef {{ title: string, name: string, unit: string, minimum: number | null, maximum: number | null,
 *   points: Point[], bands: Band[], events: Event[] }} Trend
 */

/** @type {any} */
const Chart = /** @type {any} */ (window).Chart;

// English as in Europe, with the day first, as the server writes it (kommunalpro/formats/en).
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang || "da";
const month = new Intl.DateTimeFormat(language, { month: "short", year: "2-digit", timeZone: "UTC" });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "Europe/Copenhagen" });
const figure = new Intl.NumberFormat(language);

/** More names of months than this stand too close. */
const MOST_MONTHS = 7;
const DAY = 24 * 60 * 60 * 1000;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @param {string} name */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/**
 * The first and last moment of the picture, with a little air; a single answer stands in the middle.
 * @param {{ x: number }[]} moments
 */
function span(moments) {
  const first = Math.min(...moments.map(({ x }) => x));
  const last = Math.max(...moments.map(({ x }) => x));
  const air = Math.max((last - first) * 0.03, DAY);
  return { min: first - air, max: last + air, isLong: last - first > 120 * DAY };
}

/**
 * The months that begin between two moments, every second or third of them where they are many.
 * @param {number} min
 * @param {number} max
 */
function monthStarts(min, max) {
  const first = new Date(min);
  const starts = [];
  for (let ahead = 1; ; ahead += 1) {
    const start = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + ahead, 1);
    if (start > max) break;
    starts.push(start);
  }
  const step = Math.ceil(starts.length / MOST_MONTHS);
  return starts.filter((_start, index) => index % step === 0).map((value) => ({ value }));
}

/**
 * White under all of it, so that a picture of it can be read anywhere; then the bands as areas with their names.
 * Every other one is shaded: no colour says that one is better than another.
 */
const areas = {
  id: "areas",
  beforeDraw(/** @type {any} */ chart, /** @type {any} */ _args, /** @type {{ bands: Band[] }} */ { bands }) {
    const { ctx, chartArea, scales } = chart;
    ctx.save();
    ctx.fillStyle = "#fff";
    ctx.fillRect(0, 0, chart.width, chart.height);
    /** @type {[string, number][]} */
    const names = [];
    [...(bands ?? [])].sort((one, other) => one.from - other.from).forEach((band, index, all) => {
      // Whole numbers leave a gap between 9 and 10: the areas meet in the middle of it.
      const under = all[index - 1] ? (all[index - 1].to + band.from) / 2 : band.from;
      const over = all[index + 1] ? (band.to + all[index + 1].from) / 2 : band.to;
      const top = Math.max(scales.y.getPixelForValue(over), chartArea.top);
      const bottom = Math.min(scales.y.getPixelForValue(under), chartArea.bottom);
      if (bottom <= top) return;
      if (index % 2 === 1) {
        ctx.fillStyle = colour("--tint");
        ctx.fillRect(chartArea.left, top, chartArea.width, bottom - top);
      }
      ctx.strokeStyle = colour("--line");
      ctx.strokeRect(chartArea.left, top, chartArea.width, bottom - top);
      names.push([band.name, top + 3]);
    });
    ctx.restore();
    chart.areaNames = names;
  },
  /** The names over everything else, with white around them: a line may go through where they stand. */
  afterDraw(/** @type {any} */ chart) {
    const { ctx, chartArea } = chart;
    ctx.save();
    ctx.font = `14px ${Chart.defaults.font.family}`;
    ctx.textBaseline = "top";
    ctx.lineWidth = 4;
    ctx.strokeStyle = "#fff";
    ctx.fillStyle = colour("--ink-soft");
    for (const [name, top] of chart.areaNames ?? []) {
      ctx.strokeText(name, chartArea.left + 6, top, chartArea.width - 12);
      ctx.fillText(name, chartArea.left + 6, top, chartArea.width - 12);
    }
    ctx.restore();
  },
};

/** What happened, as dashed lines with their number in the legend. */
const lines = {
  id: "lines",
  afterDatasetsDraw(/** @type {any} */ chart, /** @type {any} */ _args, /** @type {{ events: Event[] }} */ { events }) {
    const { ctx, chartArea, scales } = chart;
    ctx.save();
    ctx.strokeStyle = colour("--ink");
    ctx.fillStyle = colour("--ink");
    ctx.font = `600 14px ${Chart.defaults.font.family}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "bottom";
    let lastAt = -Infinity;
    let raised = 0;
    (events ?? []).forEach((event, index) => {
      const x = scales.x.getPixelForValue(event.x);
      ctx.setLineDash([5, 4]);
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      // Numbers that would stand on each other go one above the other.
      raised = x - lastAt < 16 ? (raised + 1) % 3 : 0;
      lastAt = x;
      ctx.fillText(String(index + 1), x, chartArea.top - 2 - raised * 14);
    });
    ctx.restore();
  },
};

/**
 * @param {HTMLElement} place
 * @param {Trend} trend
 */
function draw(place, trend) {
  const canvas = place.querySelector("canvas");
  if (!canvas || trend.points.length === 0) return;
  const { min, max, isLong } = span([...trend.points, ...trend.events]);
  place.hidden = false;
  new Chart(canvas, {
    type: "line",
    data: {
      datasets: [
        {
          label: trend.name,
          data: trend.points,
          borderColor: colour("--primary"),
          backgroundColor: colour("--primary"),
          borderWidth: 2,
          pointRadius: trend.points.length > 60 ? 2 : 4,
          pointHoverRadius: 6,
        },
      ],
    },
    plugins: [areas, lines],
    options: {
      layout: { padding: { top: trend.events.length ? 44 : 0 } },
      animation: calm ? false : { duration: 300 },
      maintainAspectRatio: false,
      parsing: false,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      plugins: {
        areas: { bands: trend.bands },
        lines: { events: trend.events },
        legend: { display: false },
        tooltip: {
          displayColors: false,
          callbacks: {
            title: (/** @type {any[]} */ hits) => hits[0].raw.date,
            label: (/** @type {any} */ hit) =>
              `${trend.name}: ${figure.format(hit.raw.y)}${trend.unit ? ` ${trend.unit}` : ""}${hit.raw.band ? ` (${hit.raw.band})` : ""}`,
          },
        },
      },
      scales: {
        x: {
          type: "linear",
          min,
          max,
          grid: { display: false },
          afterBuildTicks: (/** @type {any} */ axis) => {
            // The days that were answered on, under their points; the months of a long time.
            axis.ticks = isLong ? monthStarts(min, max) : trend.points.map(({ x }) => ({ value: x }));
          },
          ticks: {
            color: colour("--ink-soft"),
            maxTicksLimit: 8,
            maxRotation: 0,
            callback: (/** @type {number} */ moment) => (isLong ? month : day).format(moment),
          },
        },
        y: {
          min: trend.minimum ?? undefined,
          max: trend.maximum ?? undefined,
          grid: { color: colour("--line") },
          ticks: {
            color: colour("--ink-soft"),
            maxTicksLimit: 6,
            callback: (/** @type {number} */ value) => figure.format(value),
          },
        },
      },
    },
  });
}

const stored = document.getElementById("trend-data");
if (stored?.textContent && Chart) {
  /** @type {Trend[]} */
  const trends = JSON.parse(stored.textContent);
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 14;
  document.querySelectorAll("[data-trend-chart]").forEach((place) => {
    if (place instanceof HTMLElement) draw(place, trends[Number(place.dataset.trendChart)]);
  });
}

/** Paper is narrower than most screens, and a canvas does not shrink by itself. */
const charts = () =>
  [...document.querySelectorAll("[data-trend-chart] canvas")].map((canvas) => Chart.getChart(canvas)).filter(Boolean);
window.addEventListener("beforeprint", () => charts().forEach((chart) => chart.resize(640, 280)));
window.addEventListener("afterprint", () => charts().forEach((chart) => chart.resize()));
