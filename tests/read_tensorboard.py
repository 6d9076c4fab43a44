"""What TensorBoard itself reads in a folder of event files, as JSON.

    python3 read_tensorboard.py FOLDER

The tests compare it with what was written. Needs the package `tensorboard`.
"""

import base64
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing import plugin_event_accumulator

folder = sys.argv[1]
everything = {"scalars": 0, "histograms": 0, "images": 0, "tensors": 0}
reader = EventAccumulator(folder, size_guidance=everything).Reload()
tags = reader.Tags()

# What the browser's plugins see: TensorBoard turns older forms of values into its newer one.
plugins = plugin_event_accumulator.EventAccumulator(folder, size_guidance=everything).Reload()

print(
    json.dumps(
        {
            "version": reader.file_version,
            "scalars": {
                tag: [[event.step, event.value] for event in reader.Scalars(tag)]
                for tag in tags["scalars"]
            },
            "histograms": {
                tag: [
                    {"step": event.step, **vars(event.histogram_value)}
                    for event in reader.Histograms(tag)
                ]
                for tag in tags["histograms"]
            },
            "images": {
                tag: [
                    {
                        "step": event.step,
                        "width": event.width,
                        "height": event.height,
                        "png": base64.b64encode(event.encoded_image_string).decode(),
                    }
                    for event in reader.Images(tag)
                ]
                for tag in tags["images"]
            },
            "plugins": {
                name: sorted(plugins.PluginTagToContent(name))
                for name in ["scalars", "histograms", "images"]
                if name in plugins.ActivePlugins()
            },
        }
    )
)
