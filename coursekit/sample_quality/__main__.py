"""`python -m coursekit.sample_quality [--out FILE]` trains the frozen network again and says how good it is."""

import argparse

import torch

from coursekit.sample_quality.features import train_network

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m coursekit.sample_quality", description=__doc__)
    parser.add_argument("--out", metavar="FILE", help="where to write the weights, in half precision")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    network, accuracy = train_network(asked.seed)
    print(f"{accuracy:.1%} of the held-out digits are recognised")  # noqa: T201
    if asked.out:
        torch.save({name: weight.half() for name, weight in network.state_dict().items()}, asked.out)
