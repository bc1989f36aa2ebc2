"""The figures of presidio-evaluator itself, for spans that either engine found."""

import pandas
import spacy
from presidio_evaluator.evaluation import SpanEvaluator
from presidio_evaluator.evaluation.skipwords import get_skip_words
from presidio_evaluator.span_to_tag import span_to_tag

OVERLAP = 0.75


class Official:
    def __init__(self, rows):
        # Only the words are wanted: the part of the pipeline that cuts them, which is that of the small model.
        cut = spacy.blank("en")
        self.rows = [(row, cut(row["text"])) for row in rows]
        self.skip_words = get_skip_words()

    def words(self, number):
        return [(word.idx, word.idx + len(word.text)) for word in self.rows[number][1]]

    def figures(self, found):
        """Precision, recall, F2 and the counts of its binary pass, where found spans are `start`, `end`, `type`."""
        table = []
        for number, ((row, words), spans) in enumerate(zip(self.rows, found)):
            gold, predicted = (tags(row["text"], words, marks) for marks in (row["spans"], spans))
            for word, *both in zip(words, gold, predicted):
                table.append((number, word.text, *both, word.idx))
        names = ["sentence_id", "token", "annotation", "prediction", "start_indices"]
        evaluator = SpanEvaluator(iou_threshold=OVERLAP, skip_words=self.skip_words)
        result = evaluator.calculate_score_on_df(pandas.DataFrame(table, columns=names), level="pii")
        return {
            "precision": result.pii_precision,
            "recall": result.pii_recall,
            "f2": result.pii_f,
            "counts": [result.pii_annotated, result.pii_predicted, result.pii_true_positives],
        }


def tags(text, words, spans):
    return span_to_tag(
        scheme="IO",
        text=text,
        starts=[span["start"] for span in spans],
        ends=[span["end"] for span in spans],
        tags=[span["type"] for span in spans],
        tokens=words,
    )
