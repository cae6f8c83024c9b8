// @ts-check
/**
 * “Gem som billede”: a chart with its heading and its legend as a PNG. Who it is about stands nowhere in it. That it was
 * kept the form tells the server, for the access log.
 */

/** @type {any} */
const Chart = /** @type {any} */ (window).Chart;
const MARGIN = 24;
const LINE = 24;

/**
 * The words in lines no wider than the picture.
 * @param {CanvasRenderingContext2D} pen
 * @param {string} text
 * @param {number} width
 */
function wrapped(pen, text, width) {
  const found = [""];
  for (const word of text.trim().split(/\s+/)) {
    const longer = `${found[found.length - 1]} ${word}`.trim();
    if (pen.measureText(longer).width <= width || found[found.length - 1] === "") found[found.length - 1] = longer;
    else found.push(word);
  }
  return found;
}

/**
 * @param {Element} section
 * @param {HTMLCanvasElement} chart
 */
function picture(section, chart) {
  const { family } = Chart.defaults.font;
  const scale = chart.width / chart.clientWidth;
  const width = chart.clientWidth;
  const numbered = [...section.querySelectorAll(".trend-legend li")].map((item, index) => `${index + 1}. ${item.textContent}`);
  const texts = [...[...section.querySelectorAll(".trend-legend p")].map((part) => part.textContent ?? ""), ...numbered];
  const title = section.querySelector("h2, h3")?.textContent ?? "";
  const sheet = document.createElement("canvas");
  const pen = sheet.getContext("2d");
  if (!pen) return null;
  pen.font = `16px ${family}`;
  const under = texts.flatMap((text) => wrapped(pen, text, width));
  pen.font = `600 20px ${family}`;
  const over = wrapped(pen, title, width);
  sheet.width = (width + 2 * MARGIN) * scale;
  sheet.height = ((over.length + under.length) * LINE + chart.clientHeight + 4 * MARGIN) * scale;
  pen.scale(scale, scale);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.fillStyle = "#1a1a1a";
  pen.textBaseline = "top";
  pen.font = `600 20px ${family}`;
  over.forEach((line, index) => pen.fillText(line, MARGIN, MARGIN + index * LINE));
  const top = MARGIN * 2 + over.length * LINE;
  pen.drawImage(chart, MARGIN, top, width, chart.clientHeight);
  pen.font = `16px ${family}`;
  under.forEach((line, index) => pen.fillText(line, MARGIN, top + chart.clientHeight + MARGIN + index * LINE));
  return sheet;
}

for (const form of document.querySelectorAll("[data-trend-picture]")) {
  const section = form.closest(".trend");
  const chart = section?.querySelector("canvas");
  if (!(form instanceof HTMLFormElement) || !section || !chart) continue;
  form.hidden = false;
  form.addEventListener("submit", () => {
    picture(section, chart)?.toBlob((blob) => {
      if (!blob) return;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `udvikling-${new Date().toISOString().slice(0, 10)}.png`;
      link.click();
      URL.revokeObjectURL(link.href);
    }, "image/png");
  });
}
