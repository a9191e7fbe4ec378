#include "core/classes/known_classes.h"

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_set>

namespace sconce::core {

namespace {

// One class a line, as in a file of --classes. docs/formats.md, "Classes", has the source of each.
constexpr std::string_view kLayouts = R"(
# torch, tds
torch.Generator: byte[5048]
torch.Timer:
tds.Hash: long:n pair[n]
tds_hash: long:n pair[n]
tds.Vec: long:n object[n]
tds_vec: long:n object[n]
tds.AtomicCounter: long
# several GPUs
nn.GPU: object object
nn.DataParallelTable V 2+: object object
nn.DataParallelTable: object
nn.DataParallelTable.Basic: object
nn.DataParallelTable.Threads: object
nn.ModelParallelTable V 2+: object object
torch.MultiCudaTensor: object object:n pair[n]
# face detectors of e-lab
nn.PyramidPacker: object double:n (double)[n]
nn.PyramidUnPacker: object double:n (double)[n]
# nnx
nn.DataSet: int int:n object[n]
nn.DataList: int int:n object[n]
# torchnet
package.*:
# ztorch
torch.ZFloatStorage: long:n (float float)[n]
torch.ZDoubleStorage: long:n (double double)[n]
torch.ZFloatTensor: object object long object
torch.ZDoubleTensor: object object long object
# vector
ByteVector: long object
CharVector: long object
ShortVector: long object
IntVector: long object
LongVector: long object
FloatVector: long object
DoubleVector: long object
StringVector: long long object object
ByteAtomicVector: long object object object object
CharAtomicVector: long object object object object
ShortAtomicVector: long object object object object
IntAtomicVector: long object object object object
LongAtomicVector: long object object object object
FloatAtomicVector: long object object object object
DoubleAtomicVector: long object object object object
# tunnel
tunnel.Hash: object object
tunnel.Vector: object object object object object object
tunnel.Atomic: object object object object object
# dp
dp.Postgres: object object
)";

// In these packages no class has a `write` of its own, or each writes one object all the same.
constexpr std::string_view kPlainPrefixes[] = {"ccn2.",  "cudnn.",         "dl.",  "dp.",      "dt.",
                                               "graph.", "hdf5.",          "inn.", "nngraph.", "onmt.",
                                               "optim.", "sparseconvnet.", "tnt.", "unsup."};

// Everybody adds classes to `nn`, so there each is named: those of nn, nngraph, nnx, dpnn, rnn, cunn, cunnx, torch-rnn,
// fbcunn, fbnn and twitter's torch-nn.
constexpr std::string_view kPlainNn = R"(
Abs AbsCriterion AbstractParallel AbstractRecurrent AbstractSequencer Add AddConstant ArgMax BCECriterion BLSTM BRNN
Balance BatchNormalization BatchReshape BatchCentering BiSequencer BiSequencerLM Bigrams Bilinear BinaryClassReward
BinaryLogisticRegression BlockMixture BlockSparse Bottle CAdd CAddTable CAddTensorTable CDivTable CMaxTable CMinTable
CMul CMulTable CSubTable CTCCriterion CategoricalEntropy Clamp ClassHierarchicalNLLCriterion ClassNLLCriterion
ClassSimplexCriterion Clip Collapse Concat ConcatTable ConfusionMatrix Constant Container Contiguous Convert Copy
CopyGrad Cosine CosineDistance CosineEmbeddingCriterion Criterion CriterionTable CrossEntropyCriterion
CrossMapNormalization DICECriterion DataSetLabelMe DataSetSamplingPascal Decorator DepthConcat Dictionary
DistKLDivCriterion DistMarginCriterion DistNLLCriterion DistanceRatioCriterion DontCast DotProduct Dropout ELU
ElementTable Euclidean Exp ExpandAs ExponentialLU FastLSTM FasterLookup FeatureLPPooling FireModule FlattenTable GRU
GatedLinearUnit GradientReversal Grid2DLSTM GroupKMaxPooling HSM HardShrink HardTanh HessianModule
HingeEmbeddingCriterion HingeEmbeddingCriterionBatch Identity Inception Index IndexLinear JoinTable KLDivCriterion
KMaxPooling KSparse Kmeans L1Cost L1DistanceBatch L1HingeEmbeddingCriterion L1Penalty L2Normalize LSRC LSTM LanguageModel
LateralConvolution LayerNorm LazyKBest LeakyReLU LenSoftMax Linear LinearNoBias LinearWeightNorm Log LogSigmoid
LogSoftMax LookupTable LookupTableGPU LookupTableMaskZero MM MSECriterion MapTable MarginCriterion
MarginRankingCriterion MaskZero MaskZeroCriterion MaskedSelect Max Mean Min Minus MixtureTable Module ModuleCriterion
Mufuru Mul MulConstant MultiCriterion MultiLabelMarginCriterion MultiLabelSoftMarginCriterion MultiMarginCriterion
MultiModalMarginRankingCriterion MultiSoftMax MultinomialStatistics NCECriterion NCEModule NaN Narrow NarrowLookupTable
NarrowTable NoisyReLU NormStabilizer Normalize OmpModule OneHot OneHotSpatial OuterProd OuterProduct PCAColorTransform
PReLU PSigmoid Padding PairwiseDistance Parallel ParallelCriterion ParallelTable PartialLinear PixelShuffle PixelSort
Power PrintSize Probe Profile ProjectiveGradientNormalization PullTable PushTable QDRiemaNNLinear RReLU ReLU ReLU6
Recurrence Recurrent RecurrentAttention RecurrentVisualAttention Recursor Reinforce ReinforceBernoulli
ReinforceCategorical ReinforceGamma ReinforceNormal RepeatTensor Repeater RepeaterCriterion Replicate Reshape
ReverseSequence ReverseTable SAdd Select SelectTable SeqBRNN SeqDropout SeqGRU SeqGRU_WN SeqLSTM SeqLSTMP SeqLSTMP_WN
SeqLSTM_WN SeqReverseSequence SequenceLSTM SequenceRNN SequenceRNN_TN Sequencer SequencerCriterion Sequential
SequentialCriterion Serial Sigmoid SimpleColorTransform SmoothL1Criterion SoftMarginCriterion SoftMax SoftMaxForest
SoftMaxTree SoftMin SoftPlus SoftShrink SoftSign Sort Sparse2Dense SparseConverter SparseCriterion SparseKmax
SparseLinear SparseLookupTable SparseNLLCriterion SparseSum SparseThreshold SpatialAdaptiveAveragePooling
SpatialAdaptiveMaxPooling SpatialAutoCropMSECriterion SpatialAveragePooling SpatialBatchNormalization
SpatialBinaryConvolution SpatialBinaryLogisticRegression SpatialClassNLLCriterion SpatialClassifier
SpatialColorTransform SpatialContrastiveNormalization SpatialConvolution SpatialConvolutionCuFFT
SpatialConvolutionLocal SpatialConvolutionMM SpatialConvolutionMap SpatialConvolutionSparse SpatialCrossMapLRN
SpatialDepthWiseConvolution SpatialDilatedConvolution SpatialDivisiveNormalization SpatialDownSampling SpatialDropout
SpatialFeatNormalization SpatialFovea SpatialFractionalMaxPooling SpatialFullConvolution SpatialFullConvolutionMap
SpatialGlimpse SpatialGraph SpatialLPPooling SpatialLinear SpatialLogSoftMax SpatialMSECriterion SpatialMatching
SpatialMaxPooling SpatialMaxSampling SpatialMaxUnpooling SpatialNormalization SpatialPadding SpatialPyramid
SpatialReSampling SpatialRecursiveFovea SpatialReflectionPadding SpatialRegionDropout SpatialReplicationPadding
SpatialSoftMax SpatialSparseCriterion SpatialSubSampling SpatialSubtractiveNormalization SpatialUniformCrop
SpatialUpSampling SpatialUpSamplingBilinear SpatialUpSamplingNearest SpatialZeroPadding SplitTable Sqrt Square Squeeze
StochasticGradient Sum SuperCriterion Tanh TanhShrink TemporalAdapter TemporalConvolution
TemporalConvolutionFB TemporalCrossEntropyCriterion TemporalDynamicKMaxPooling TemporalGlimpse TemporalKMaxPooling
TemporalMaxPooling TemporalRowConvolution TemporalSpatialConvolution TemporalSubSampling Threshold TopK TotalDropout
Transpose TreeNLLCriterion TrimZero TrueNLLCriterion Type TypeDecorator Unsqueeze UpSampling VRClassReward VanillaRNN
View VolumetricAveragePooling VolumetricBatchNormalization VolumetricConvolution VolumetricDilatedConvolution
VolumetricDropout VolumetricFractionalMaxPooling VolumetricFullConvolution VolumetricMaxPooling VolumetricMaxUnpooling
VolumetricReplicationPadding WeightNorm WeightedEuclidean WeightedLookupTable WeightedMSECriterion WhiteNoise
WindowGate WindowGate2 WindowMixture WindowSparse ZeroGrad ZipTable ZipTableOneToMany gModule
)";

constexpr std::string_view kPlainOthers = R"(torch.CmdLine torch.Tester dqn.TransitionTable sconce.Tensor)";

struct Hash {
  using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard's name
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
using Names = std::unordered_set<std::string, Hash, std::equal_to<>>;

void add_names(Names& names, std::string_view prefix, std::string_view text) {
  constexpr std::string_view kBlanks = " \n";
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    names.insert(std::string(prefix).append(text.substr(at, end - at)));
    at = text.find_first_not_of(kBlanks, end);
  }
}

Names built_in_names() {
  Names names;
  for (std::string_view text = kLayouts; !text.empty();) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    names.emplace(line.substr(0, line.find_first_of(" :")));
  }
  return names;
}

Names plain_names() {
  Names names;
  add_names(names, "nn.", kPlainNn);
  add_names(names, "", kPlainOthers);
  return names;
}

}  // namespace

const ClassLayout* find_built_in(std::string_view class_name, std::optional<std::string_view> version) {
  static const Names kNames = built_in_names();
  return kNames.contains(class_name) ? built_in_layouts().find_name(class_name, version) : nullptr;
}

std::string_view built_in_layouts_text() { return kLayouts; }

const LayoutTable& built_in_layouts() {
  static const LayoutTable kTable = [] {
    LayoutTable table;
    (void)table.add_all(kLayouts);  // a test reads it
    return table;
  }();
  return kTable;
}

bool is_named_as_tensor(std::string_view class_name) {
  return class_name.starts_with("torch.") && (class_name.ends_with("Tensor") || class_name.ends_with("Storage"));
}

bool is_known_plain(std::string_view class_name) {
  static const Names kNames = plain_names();
  if (kNames.contains(class_name)) return true;
  return std::ranges::any_of(kPlainPrefixes,
                             [class_name](std::string_view prefix) { return class_name.starts_with(prefix); });
}

}  // namespace sconce::core
