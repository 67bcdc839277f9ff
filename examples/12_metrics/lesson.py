# %% [markdown]
# # 12. Evaluation metrics
#
# **Time:** 2 s. **You learn:** to judge a model by the question you ask of it: F1, gain, lift, KS,
# AUC and their relatives, each computed by hand once.

# %%
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import metrics, nn

lesson = tg.lessons.begin(12)

# %% [markdown]
# ## The question comes first
# 569 tumours, each measured by 30 numbers. We look for the malignant ones, so **malignant is the
# positive class**. Whoever calls every tumour benign is right in 63 % of all cases, and finds
# nobody who is ill: accuracy alone says little.

# %%
data = tg.data.load("breast_cancer")
x, y = data.features, (data.targets == data.label_names.index("malignant")).astype(int)
print(f"{len(y)} tumours, {y.mean():.1%} malignant; 'all benign' has accuracy {1 - y.mean():.3f}")


def make():
    model = nn.MLP([30, 16, 2])
    return model, nn.optim.Adam(model, lr=0.01)


xa, xb, ya, truth = tg.data.train_test_split(x, y, stratify=y, rng=0)
scaler = tg.data.StandardScaler().fit(xa)  # it learns from the training part alone
with tg.seed(0):
    model, adam = make()
    train = scaler.transform(xa), ya
    tg.training.fit(model, train, nn.CrossEntropyLoss(), adam, epochs=20, progress=False)
score = tg.softmax(tg.training.predict(model, scaler.transform(xb)).astype(float))[:, 1]

# %% [markdown]
# ## Four counts: the confusion matrix, precision, recall, F1
# The score is P(malignant). Call it malignant from $t = 0.5$ on. TP are ill and found, FN ill and
# missed, FP false alarms, TN rightly left alone.
#
# $$\text{precision} = \frac{TP}{TP + FP} \qquad \text{recall} = \frac{TP}{TP + FN} \qquad
# F_1 = \frac{2}{1/\text{precision} + 1/\text{recall}}$$
#
# $F_1$ is a harmonic mean: it is near the *smaller* of the two. TN is not in it at all.

# %%
called = (score >= 0.5).astype(int)
(tn, fp), (fn, tp) = metrics.confusion_matrix(truth, called)
precision, recall = tp / (tp + fp), tp / (tp + fn)
f1 = 2 / (1 / precision + 1 / recall)
print(f"TP {tp} FN {fn} FP {fp} TN {tn}, precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")
assert abs(f1 - metrics.f1_score(truth, called)) < 1e-12
plot = tg.plots.confusion(truth, called, label_names=["benign", "malignant"])
lesson.show(plot, "confusion", "The diagonal is right. Lower left: the ill who were missed.")

# %% [markdown]
# ## Every threshold at once: AUC, Gini, pairs, KS
# Lower $t$: more of the ill are found (true positive rate, TPR), with more false alarms (FPR). The
# **ROC** draws TPR over FPR for all $t$, and **AUC** is the area below it. It has a second meaning:
# of one ill and one healthy patient, how often has the ill one the higher score? Such a pair is
# *concordant*, its opposite *discordant*, ties count half. **Gini** $= 2\,\text{AUC} - 1$ is the
# same on a scale where guessing has 0. **KS** $= \max_t(\text{TPR} - \text{FPR})$ is how far apart
# the two crowds are at the best threshold.

# %%
ill, well = score[truth == 1], score[truth == 0]
concordant, discordant = (ill[:, None] > well).mean(), (ill[:, None] < well).mean()
auc, ks = metrics.roc_auc_score(truth, score), metrics.ks_statistic(truth, score)
fpr, tpr, thresholds = metrics.roc_curve(truth, score, drop_intermediate=False)
print(f"concordant {concordant:.4f}  discordant {discordant:.4f}  AUC {auc:.4f}")
print(f"KS {ks:.4f}, reached at score {thresholds[np.argmax(tpr - fpr)]:.3f}")
assert abs(auc - (concordant + 0.5 * (1 - concordant - discordant))) < 1e-12
assert abs(metrics.gini(truth, score) - (2 * auc - 1)) < 1e-12
assert abs(ks - (tpr - fpr).max()) < 1e-12

# %% [markdown]
# ## Gain and lift: if there is time for only some of them
# Examine those with the highest scores first. **Gain** is the share of all ill people found so far;
# **lift** is how many times better that is than examining at random. It cannot exceed 1/prevalence,
# here 2.7. With *benign* as the positive class that ceiling is 1.6, and lift says almost nothing.

# %%
table = metrics.gain_table(truth, score)
print(table)
assert abs(table.lift[0] - table.positives[0] / table.samples[0] / truth.mean()) < 1e-12
page = Figure(figsize=(10, 8.6), layout="constrained")
for ax, plot in zip(page.subplots(2, 2).flat, ("roc", "ks", "gain", "lift"), strict=True):
    getattr(tg.plots, plot)(truth, score, ax=ax)
lesson.show(page, "curves", "A good model hugs the corner of ROC, and the dotted line of gain.")

# %% [markdown]
# ## Log loss: are the probabilities honest?
# All these see only the *order* of the scores. Log loss, the mean of $-\log p(\text{what
# happened})$, punishes confidence in the wrong answer. Take each score to the power 4: the order
# stays, so AUC and KS do not move, but the chances are now too low.
#
# ## The verdict, and how far it can be trusted
# One split is one throw of dice. **Cross-validation** cuts the data into five folds, and each is
# the test set once: report mean and spread. Three seeds give three ways to cut.

# %%
honest, low = metrics.log_loss(truth, score), metrics.log_loss(truth, score**4)
print(f"log loss {honest:.3f}, of score ** 4 {low:.3f}")
assert abs(metrics.roc_auc_score(truth, score**4) - auc) < 1e-12
assert low > honest
judges = {
    "AUC": lambda t, z: metrics.roc_auc_score(t, z[:, 1] - z[:, 0]),
    "KS": lambda t, z: metrics.ks_statistic(t, z[:, 1] - z[:, 0]),
    "F1": lambda t, z: metrics.f1_score(t, z.argmax(axis=1)),
}
how = {"loss": nn.CrossEntropyLoss(), "scaler": tg.data.StandardScaler, "epochs": 20}
runs = [tg.training.cross_validate(make, x, y, metrics=judges, rng=k, **how) for k in range(3)]
for name, gate in (("AUC", 0.985), ("KS", 0.88), ("F1", 0.95)):
    mean = np.median([run.mean("test_" + name) for run in runs])
    spread = np.median([run.std("test_" + name) for run in runs])
    print(f"{name:3} {mean:.3f} +- {spread:.3f} between folds (median of 3 seeds)")
    assert mean >= gate

# %% [markdown]
# ## When the answer is a number: RMSE, RMSLE, R², adjusted R²
# Diabetes: predict the progress of a disease from 10 measurements. **RMSE** is in the units of the
# target. **RMSLE** compares logarithms: 10 % off costs the same for small and large targets. **R²**
# is 1 for perfect and 0 for always saying the mean, and on training data never falls when a feature
# is added, be it noise. **Adjusted R²** $= 1 - (1 - R^2)\frac{n-1}{n-p-1}$ charges for them.

# %%
measured, progress = tg.data.load("diabetes")
plain = np.column_stack([np.ones(len(measured)), measured]).astype(float)
noise = np.random.default_rng(0).normal(size=(len(measured), 60))
r2, adjusted = [], []
for a in (plain, np.hstack([plain, noise])):
    guess, p = a @ np.linalg.lstsq(a, progress, rcond=None)[0], a.shape[1] - 1
    errors = [metrics.root_mean_squared_error(progress, guess),
              metrics.root_mean_squared_log_error(progress, guess.clip(0))]  # fmt: skip
    r2.append(metrics.r2_score(progress, guess))
    adjusted.append(metrics.adjusted_r2(progress, guess, features=p))
    print(f"{p} features: RMSE, RMSLE, R2, adjusted", np.round([*errors, r2[-1], adjusted[-1]], 3))
assert r2[1] > r2[0]
assert adjusted[1] < adjusted[0]

# %% [markdown]
# **Change one thing:** let `called` begin at 0.02, to miss fewer of the ill. Recall rises and
# precision pays for it; AUC and KS do not move at all. What would a missed tumour have to cost?
#
# ## Exercise 12.1: F1 from counts
# Write `f1_of(tp, fp, fn)`.


# %%
def f1_of(tp, fp, fn): ...  # your answer


lesson.check(1, f1_of)

# %% [markdown]
# ## Exercise 12.2: KS from scratch
# Write `ks_of(truth, score)` of two arrays, truth of 0 and 1, with NumPy only. Mind equal scores.


# %%
def ks_of(truth, score): ...  # your answer


lesson.check(2, ks_of)

# %% [markdown]
# ## Exercise 12.3: intersection over union
# Where do **IoU** and **mAP** belong? To *detectors*, which answer with boxes. IoU is the area that
# two boxes share, divided by the area that they cover together; a box is a hit from 0.5 on, say.
# Hits and false alarms give a curve of precision over recall; mAP is the area below it, averaged
# over classes. Our classifier has no boxes and needs neither. Write `iou(a, b)` of two boxes
# `(left, bottom, right, top)`.


# %%
def iou(a, b): ...  # your answer


lesson.check(3, iou)

# %% [markdown]
# ## Sources
# Fawcett 2006 (ROC). Witten and Frank 2005, section 5.7 (gain, lift). Stone 1974 (folds).
# Everingham et al. 2010 (IoU, mAP). Data: Wolberg et al., UCI; Efron et al. 2004.
