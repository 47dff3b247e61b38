// Whole scripts of the kind that users write, as the input of tests that take any script.
#pragma once

#include <string>
#include <vector>

namespace elbo::lang::test {

inline std::vector<std::string> scripts() {
  return {
R"elbo(# Unknown mean and precision of a normal, by black-box variational inference
# (Ranganath, Gerrish, Blei 2014): score-function gradients, without and with control variates.

let x = read_csv("data/normal_100.csv").x       # 100 draws of Normal(1, precision = 0.5)
hist(x, title = "Dataset (N = 100)")

model normal_gamma(x) {
  tau ~ Gamma(shape = 1, rate = 2)
  mu  ~ Normal(1, precision = 0.1 * tau)
  x   ~ Normal(mu, precision = tau)
}

guide q {
  param m      = 1.4815836
  param lambda : positive = 2.3542854
  param alpha  : positive = 3.0223504
  param beta   : positive = 0.8747885
  tau ~ Gamma(alpha, beta)
  mu  ~ Normal(m, precision = lambda * tau)
}

let options = {optimizer: sgd(0.00001), steps: 10_000, seed: 0}

let naive = infer(normal_gamma(x), q, bbvi(samples = 30, rao_blackwell = false, control_variates = false), options)
let cv    = infer(normal_gamma(x), q, bbvi(samples = 30, rao_blackwell = false, control_variates = true), options)

for fit in [naive, cv] {
  print("E[mu] = {:.4f}   E[tau] = {:.4f}", fit.mean.mu, fit.mean.tau)
}
print("data mean = {:.4f}   data precision = {:.4f}", mean(x), 1 / variance(x))

plot(naive.elbo, cv.elbo, labels = ["naive", "control variates"], x = "iteration", y = "ELBO")
plot(cv.trace.mu, hline = 1, title = "Convergence of E[mu]")
plot(cv.trace.tau, hline = 0.5, title = "Convergence of E[tau]")
)elbo",

R"elbo(# The whole workflow in six lines: no method named, one verdict at the end.

model eight_schools(J: int, y: real[J], sigma: positive[J]) {
  mu  ~ Normal(0, 5)
  tau ~ HalfCauchy(5)
  for j in 1:J {
    theta[j] ~ Normal(mu, tau)
    y[j]     ~ Normal(theta[j], sigma[j])
  }
}

let d = read_json("data/eight_schools.json")
let fit = infer(eight_schools(d))                       # picks a method, and says which
print(summary(fit))                                     # table, ELBO, Pareto k-hat, a verdict in words
print(explain(fit))                                     # what the graph was turned into, and why
compare(eight_schools(d), [bbvi(), reparam(), reparam(stl = true), nuts()])
)elbo",

R"elbo(# A categorical distribution, sampled directly and through its Gumbel-softmax relaxation.

let a = [0.1, 0.2, 0.5, 0.2]
let direct = sample(Categorical(a), 1000, seed = 0)
let soft   = sample(GumbelSoftmax(a, temperature = 0.1), 1000, seed = 1)   # differentiable in a
let hard   = argmax(soft, axis = 2)

print(table({direct: frequencies(direct, 4), relaxed: frequencies(hard, 4), exact: a}))
hist(direct, hard, labels = ["direct", "through reparameterization"])

# the gradient of an expectation with respect to a flows through the relaxed samples
let score = [1, 4, 9, 16]
print("gradient {:.3f}   exact {:.3f}", gradient(fn(p) = mean(sample(GumbelSoftmax(p, temperature = 0.1), 100_000, seed = 2) @ score), a), score - sum(a * score))

# learning the weights of a mixture through it, by score function, and exactly by enumeration
model pick(y) {
  param w : simplex[4] = [0.25, 0.25, 0.25, 0.25]
  for n in 1:length(y) {
    k[n] ~ Categorical(w)
    y[n] ~ Normal([-3, -1, 1, 3][k[n]], 0.5)
  }
}
let y = [-3, -1, 1, 3][direct] + sample(Normal(0, 0.5), 1000, seed = 3)
for method in [reparam(discrete = "enumerate"), reparam(discrete = gumbel_softmax(0.5)), bbvi()] {
  let fit = infer(pick(y), mean_field(), method, optimizer = adam(0.05), steps = 500, seed = 0)
  print("{}: {:.2f}", method, fit.params.w)
}
)elbo",

R"elbo(# Maximum likelihood for a Gamma: plain gradient descent against natural gradient descent.

let data = read_csv("data/gamma_1000.csv").x    # 1000 draws of Gamma(shape = 3, scale = 2)
print("mean {:.4f}  variance {:.4f}", mean(data), variance(data))

model gamma_mle(x) {
  param alpha : positive via clamp(1e-4) = 0.5
  param beta  : positive via clamp(1e-4) = 8
  x ~ Gamma(shape = alpha, scale = beta)
}

let gd  = infer(gamma_mle(data), mle(average = true), optimizer = sgd(0.1), steps = 150, record = "gradients")
let ngd = infer(gamma_mle(data), mle(average = true, natural = true), optimizer = sgd(0.1), steps = 150, record = "gradients")

print("first gradients   GD {:.4f} {:.4f}   natural {:.4f} {:.4f}", gd.gradients.alpha[1], gd.gradients.beta[1],
      ngd.gradients.alpha[1], ngd.gradients.beta[1])
for t in [1, 15, 30, 45, 60, 75, 90, 105, 120, 135, 150] {
  print("step {:3}   GD {:.4f} {:.4f} {:.4f}   NGD {:.4f} {:.4f} {:.4f}", t,
        gd.trace.alpha[t],  gd.trace.beta[t],  gd.loss[t],
        ngd.trace.alpha[t], ngd.trace.beta[t], ngd.loss[t])
}

let names = ["GD", "natural gradient"]
figure([plot(gd.trace.alpha, ngd.trace.alpha, hline = 3, labels = names, y = "shape"),
        plot(gd.trace.beta,  ngd.trace.beta,  hline = 2, labels = names, y = "scale"),
        plot(gd.loss,        ngd.loss,        labels = names, y = "mean NLL", x = "step")], rows = 3)
)elbo",

R"elbo(# A variational autoencoder on binarised MNIST (784-200-200-20), trained with the usual
# reparameterised ELBO and with sticking-the-landing (Roeder, Wu, Duvenaud 2017).

let images = read_idx("mnist/train-images-idx3-ubyte.gz") > 127             # 60000 x 28 x 28, found through ELBO_DATA
let x = reshape(images, [rows(images), 784])

net decoder(z) {
  let h1 = leaky_relu(dense(z, 200), 0.2)
  let h2 = leaky_relu(dense(h1, 200), 0.2)
  dense(h2, 784)
}

net encoder(x) {
  let h1 = leaky_relu(dense(x, 200), 0.2)
  let h2 = leaky_relu(dense(h1, 200), 0.2)
  {mean: dense(h2, 20), log_var: dense(h2, 20)}
}

model vae(x) {
  for n in 1:rows(x) {
    z[n] ~ Normal(0, 1, size = 20)
    x[n] ~ Bernoulli(logits = decoder(z[n]))
  }
}

guide amortized(x) {
  for n in 1:rows(x) {
    let e = encoder(x[n])
    z[n] ~ Normal(e.mean, exp(e.log_var / 2))
  }
}

let options  = {optimizer: adam(0.0001), epochs: 20, batch: 128, precision: "float32", seed: 0}
let standard = infer(vae(x), amortized(x), reparam(kl = "analytic"), options)
let stl      = infer(vae(x), amortized(x), reparam(stl = true), options)
# the variant that also stops the gradient from the decoder into the encoder: a mistake worth seeing
let detached = infer(vae(x), amortized(x), reparam(kl = "analytic", detach = "likelihood"), options)

print("final ELBO   standard {:.2f}   STL {:.2f}   detached {:.2f}", last(standard.elbo), last(stl.elbo), last(detached.elbo))
plot(standard.elbo, stl.elbo, detached.elbo, labels = ["standard", "STL", "detached"], x = "epoch", y = "ELBO")
image_grid(predict(stl, n = 64).x, rows = 8, shape = [28, 28], file = "samples.png")
)elbo",

R"elbo(# every construct once
import "other.elbo"
fn square(x) = x^2
fn logistic(x, scale: positive = 1.0, shift = 0) {
  let z = (x - shift) / scale
  return 1 / (1 + exp(-z))
}
dist Triangle(a, b) on interval(a, b) {
  log_density(x) = log(x - a)
  sample() = a + b
  mean() { (a + b) / 2 }
}
model hidden(T: int, y: real[T], w: simplex[3], L: lower(0)) {
  mu : ordered[2] ~ Normal(0, 3)
  sigma : lower(0) ~ Normal(0, 1)
  z[1] ~ Normal(0, 1)
  let s[1] = 0
  for t in 2:T {
    let s[t] = 0.5 * s[t - 1]
    z[t] ~ Normal(z[t - 1] + s[t], sigma)
  }
  let acc = 0
  for t in 1:T {
    acc = acc + y[t]
    y[t] ~ Normal(z[t], 1)
  }
  if T > 3 { k ~ Bernoulli(0.5) } else if T > 2 { k ~ Bernoulli(0.25) } else { k ~ Bernoulli(0) }
  factor -0.5 * sum(mu^2)
  factor if T > 1 { 0 } else { 1 }
  param p[2] : positive via softplus = 1
  param q
  return z[:, 1] + w[2:] + w[:2] + w[mu > 0]
}
guide g {
  param m : real[3] = [0, 0, 0]
  mu ~ Triangle(m, 1)
}
let r = {mean: 1, in: 2, dist: [1, 2,], empty: {}, nested: {a: "x\\n\"y\u00E9"}}
let μ = r.in + r.dist[1] * -2^-2^3 % 7 // 2 @ 1
let flags = not true or false and 1 <= 2 and not 3 != 4
let squares = [i^2 for i in 1:10 - 1]
let f = fn(x, y = 2) { let z = x; z + y }
let big = 10_000 + 1e-3 + 1.5e+10 + missing
for x in [1, 2] { print(x, "~ {}", x = 1, in = 2); x }
let on = 3; let via = 4
let dist = on + via
print(
  dist,
  if on > 3 { "a" }
  else { "b" },
  fn() { 1 }()
)
)elbo",
  };
}

}  // namespace elbo::lang::test
