"""A SunSpec device that shares no code with us: pysunspec2 encodes it, pymodbus serves it.

usage: sunspec_meter.py PORT BASE JSON [rtu]      JSON: {model: {point: value}}
"""

import asyncio
import json
import sys

import sunspec2.file.client as file_client
from pymodbus import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

UNIT = 1


def registers(models):
    """The register image that pysunspec2 makes of these models."""
    device = file_client.FileClientDevice()
    for identifier, points in models.items():
        model = file_client.FileClientModel(int(identifier), data=dict(points, ID=int(identifier)))
        model.ID.value = int(identifier)
        device.add_model(model)
    image = bytearray(b"SunS")
    for identifier in [key for key in device.models if isinstance(key, int)]:
        for model in device.models[identifier]:
            body = bytearray(model.get_mb())
            body[2:4] = (len(body) // 2 - 2).to_bytes(2, "big")
            image += body
    image += b"\xff\xff\x00\x00"
    return [int.from_bytes(image[i : i + 2], "big") for i in range(0, len(image), 2)]


async def serve(port, base, models, framer):
    data = [SimData(base, values=registers(models), datatype=DataType.REGISTERS)]
    server = ModbusTcpServer(SimDevice(id=UNIT, simdata=data), framer=framer, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    framing = FramerType.RTU if sys.argv[4:] == ["rtu"] else FramerType.SOCKET
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]), framing))
