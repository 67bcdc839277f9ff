// The data of the page: JSON, and maybe bytes after it, compressed and in base64, so that no name
// in it can close its element.
async function unpacked(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const whole = new Uint8Array(await new Response(stream).arrayBuffer());
  const end = whole.indexOf(0); // JSON has no such byte
  const json = new TextDecoder().decode(end < 0 ? whole : whole.subarray(0, end));
  return { data: JSON.parse(json), bytes: whole.subarray(end < 0 ? whole.length : end + 1) };
}

function sentence(words) {
  document.body.prepend(element("p", { class: "sentence" }, words));
}

// Read the data and begin; what goes wrong is said in the page.
async function whenRead(begin) {
  if (typeof DecompressionStream === "undefined") {
    sentence("This page needs a browser of 2023 or later: it has no DecompressionStream.");
    return;
  }
  try {
    const { data, bytes } = await unpacked(document.getElementById("data").textContent);
    begin(data, bytes);
    document.documentElement.dataset.ready = "true";
  } catch (error) {
    sentence(`This page cannot be shown: ${error}`);
    throw error;
  }
}
