# Writes torch_weights.npz, torch_rows.npz and torch_gradients.npz with PyTorch 1.13 (Debian 12: python3-torch, python3-numpy):
# one step of a small variational autoencoder in double precision, whose gradients torch_step.elbo must have.
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
pixels, hidden, codes, rows = 30, 40, 3, 32

layers = {
    "encoder.dense_1": torch.nn.Linear(pixels, hidden),
    "encoder.dense_2": torch.nn.Linear(hidden, codes),
    "encoder.dense_3": torch.nn.Linear(hidden, codes),
    "decoder.dense_1": torch.nn.Linear(codes, hidden),
    "decoder.dense_2": torch.nn.Linear(hidden, pixels),
}
x = (torch.rand(rows, pixels) < 0.3).double()
eps = torch.randn(rows, codes)

h = F.leaky_relu(layers["encoder.dense_1"](x), 0.2)
mean, log_var = layers["encoder.dense_2"](h), layers["encoder.dense_3"](h)
z = mean + eps * torch.exp(0.5 * log_var)
logits = layers["decoder.dense_2"](F.leaky_relu(layers["decoder.dense_1"](z), 0.2))
elbo = -F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
elbo = elbo + 0.5 * (1 + log_var - torch.exp(log_var) - mean**2).sum()
(-elbo).backward()

named = {f"{layer}.{name}": p for layer, module in layers.items() for name, p in module.named_parameters()}
np.savez("torch_weights.npz", **{name: p.detach().numpy() for name, p in named.items()})
np.savez("torch_gradients.npz", loss=np.array(-elbo.item()), **{name: p.grad.numpy() for name, p in named.items()})
np.savez("torch_rows.npz", x=x.numpy(), eps=eps.numpy())
