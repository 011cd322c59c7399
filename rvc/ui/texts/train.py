"""Texts of the fourth tab."""

from rvc.messages import Message

TEXTS = {
    "train_lead": Message(
        "The network trains on the kept segments until its speech sounds like them."
    ),
    "train_material": Message("{time} of speech in {count} segments will be used."),
    "train_left_out": Message("Segments used, and segments left out"),
    "fetch_go": Message("Fetch its weights"),
    "fetch_choice": Message("Or choose the preset lite, which needs nothing from outside."),
    "base_title": Message("Custom pretrained model (G/D)"),
    "base_g": Message("Generator (G….pth), or a lite model"),
    "base_d": Message("Discriminators (D….pth)"),
    "train_no_material": Message(
        "No report yet: make one in the third tab, so that training uses only good segments."
    ),
    "train_name": Message("Name of the voice"),
    "train_name_info": Message("Letters, digits, spaces and - _ . ( ) +"),
    "train_preset": Message("Preset"),
    "preset_auto": Message("Automatic"),
    "train_length": Message("Training length"),
    "length_auto": Message("Until it stops improving"),
    "length_minutes": Message("Minutes"),
    "length_epochs": Message("Epochs"),
    "length_steps": Message("Steps"),
    "train_amount": Message("Number"),
    "train_consent": Message("This is my own voice, or its owner agreed to it being cloned."),
    "train_consent_needed": Message("Please confirm first that the owner of the voice agreed."),
    "train_name_needed": Message("Please give the voice a name."),
    "train_start": Message("Start training"),
    "train_stop": Message("Stop and save"),
    "train_resume": Message("Resume"),
    "train_resume_name": Message("Resume “{name}”"),
    "train_continue": Message("Continue …"),
    "train_continue_go": Message("Continue training"),
    "train_continue_by": Message("Continue it for {minutes:g} more minutes"),
    "train_begun": Message(
        "“{name}” was stopped at step {step} of {total}. Resume it, or choose another name."
    ),
    "train_begun_done": Message(
        "“{name}” is finished, at step {step}. Continue it, or choose another name."
    ),
    "train_voice_there": Message(
        "There is a voice called “{name}” already. Choose another name, or delete that voice first."
    ),
    "train_too_many": Message("There are {most} trainings already; delete one first."),
    "train_minutes_range": Message("The minutes must be between {least:g} and {most:g}."),
    "train_nothing_yet": Message(
        "Stopped before anything was learned. “Start training” begins again; the prepared features "
        "are used again."
    ),
    "train_renamed": Message("“{name}” is now called “{new}”."),
    "trainings_title": Message("Your trainings"),
    "trainings_info": Message(
        "A training and its voice share a name and are renamed together. Deleting a training frees "
        "its space and keeps the voice; it can be undone for a day."
    ),
    "trainings_step": Message("step {step} of {total}"),
    "rename": Message("Rename"),
    "train_busy": Message(
        "Another training is running on this machine. Yours can start when it has ended."
    ),
    "train_limit": Message(
        "Trainings on this page end after {minutes} minutes or {steps} steps. What was trained is "
        "saved; run Moksori on your own computer for more."
    ),
    "fetch_owner": Message(
        "Only the owner of this page can download weights. Choose another preset."
    ),
    "train_idle": Message("No training yet."),
    "train_interrupted": Message(
        "“{name}” was stopped at step {step} of {total}. “Resume” goes on from there."
    ),
    "state_waiting": Message("Waiting"),
    "state_running": Message("Running"),
    "state_stopping": Message("Stopping"),
    "state_stopped": Message("Stopped"),
    "state_done": Message("Done"),
    "state_failed": Message("Failed"),
    "stage_preflight": Message("Checking this machine"),
    "stage_features": Message("Extracting features"),
    "stage_training": Message("Learning the voice"),
    "stage_index": Message("Building the index"),
    "stage_saving": Message("Saving"),
    "stage_done": Message("The voice is ready"),
    "stage_starting": Message("Getting ready"),
    "train_step": Message("step"),
    "train_epoch": Message("epoch"),
    "train_left": Message("left"),
    "train_elapsed": Message("elapsed"),
    "train_progress": Message("Progress"),
    "train_curves": Message("Losses"),
    "train_curves_info": Message(
        "A loss is how far the network's speech still is from the recording; lower is closer."
    ),
    "train_held_out": Message("On sentences that were not used for training"),
    "train_best": Message("best: step {step}"),
    "loss_total": Message("Total"),
    "loss_mel": Message("Mel spectrogram"),
    "loss_stft_log": Message("Log STFT"),
    "loss_stft_convergence": Message("Spectral convergence"),
    "loss_kl": Message("KL divergence"),
    "loss_feature_matching": Message("Feature matching"),
    "loss_adversarial": Message("Adversarial"),
    "loss_discriminator": Message("Discriminator"),
    "score_mel": Message("Distance to the voice (log-mel; lower is closer)"),
    "score_likeness": Message("Likeness to the voice (1: the same person)"),
    "score_detail": Message("Fine detail of the sound (1: as recorded)"),
    "score_f0_cents": Message("Pitch error (cents)"),
    "preview_now": Message("The voice so far"),
    "preview_original": Message("The same sentence, as recorded"),
    "train_voice_ready": Message("“{name}” is ready. Try it in the last tab."),
    "next_convert": Message("Next: speak with it"),
}
